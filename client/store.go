package client

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// place is where the record of one upload is kept: a *resume.Slot, or an entry of
// a Store of go-tus.
type place interface {
	Load() (*resume.Record, error)
	Save(*resume.Record) error
	SaveLater(*resume.Record) error
	Note(*resume.Record) error
	Remove() error
	Close() error
}

var (
	_ place = (*resume.Slot)(nil)
	_ place = (*entry)(nil)
)

// entry is a place in a Store, which knows nothing but the upload's address. All
// that tells a source from others is therefore in its key, so that what is found
// there is the upload of a source that looks the same in all regards.
type entry struct {
	store  tus.Store
	turn   *sync.Mutex // go-tus's own stores are not safe for concurrent use
	key    string
	source resume.Stat
	name   string
}

func (p *push) entry() *entry {
	text := fmt.Sprintf("%s\x00%s\x00%+v", p.c.name(), p.source.key, p.source.before)
	sum := sha256.Sum256([]byte(text))
	return &entry{p.c.config.Store, &p.c.storing, hex.EncodeToString(sum[:]), p.source.before, p.source.name}
}

// Load returns a record without a trail.
func (e *entry) Load() (*resume.Record, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	address, known := e.store.Get(e.key)
	if !known {
		return nil, nil
	}
	return &resume.Record{Version: resume.Version, URL: address, Name: e.name, File: e.source, Trail: new(trail.Trail)}, nil
}

// Save keeps the address. That of an upload in parts is not there yet.
func (e *entry) Save(r *resume.Record) error {
	e.turn.Lock()
	defer e.turn.Unlock()
	if r.URL != "" {
		e.store.Set(e.key, r.URL)
	}
	return nil
}

// SaveLater is Save.
func (e *entry) SaveLater(r *resume.Record) error { return e.Save(r) }

// Note is Save.
func (e *entry) Note(r *resume.Record) error { return e.Save(r) }

// Remove forgets the address.
func (e *entry) Remove() error {
	e.turn.Lock()
	defer e.turn.Unlock()
	e.store.Delete(e.key)
	return nil
}

// Close does nothing: the Store is its owner's.
func (e *entry) Close() error { return nil }
