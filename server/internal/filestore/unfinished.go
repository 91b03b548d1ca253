package filestore

import (
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// unfinished is what the store knows of its unfinished uploads, and of those that
// are or have parts, without a look at the disk. It is filled at start and follows
// each commit, so that neither a creation nor a sweep costs more for their number.
// The zero value is ready to use; it is safe for concurrent use.
type unfinished struct {
	mu      sync.Mutex
	of      map[key]entry
	needed  int64                // by all of them together
	writing map[key]durable.File // the data files that are being written to
	granted map[key]int64        // up to which offset those of unknown length may be
}

// key is an id, without the pointer of a string: there may be very many.
type key [idLength]byte

// entry is what is known of one upload.
type entry struct {
	length int64 // 0 while nobody knows it
	offset int64 // up to which its bytes count
	// due is when it dies, in microseconds since 1970. 0 means never.
	due int64
	// unsettled says that its record is as another process left it. See settle.go.
	unsettled bool
}

// entryOf returns what rec says of its upload.
func (s *Store) entryOf(rec *record) entry {
	e := entry{offset: rec.Offset}
	if rec.Length != nil {
		e.length = *rec.Length
	}
	if expires := s.expires(rec); !expires.IsZero() {
		e.due = expires.UnixMicro()
	}
	return e
}

// track takes in what rec, which is settled, says from now on.
func (s *Store) track(rec *record) {
	if rec.complete() && !rec.Partial {
		s.unfinished.remove(rec.ID)
		return
	}
	s.unfinished.put(rec.ID, s.entryOf(rec))
}

func (u *unfinished) put(id string, e entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.set(id, e)
}

// set is put for those who hold mu.
func (u *unfinished) set(id string, e entry) {
	if u.of == nil {
		u.of = make(map[key]entry)
	}
	k := key([]byte(id))
	u.change(k, func() { u.of[k] = e })
}

func (u *unfinished) remove(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	k := key([]byte(id))
	u.change(k, func() {
		delete(u.of, k)
		delete(u.granted, k)
	})
}

// change has do change what is known of one upload, and needed with it. The caller
// holds mu.
func (u *unfinished) change(k key, do func()) {
	before := u.need(k)
	do()
	u.needed += u.need(k) - before
}

// need is how many bytes the disk must still take for the upload. The caller holds
// mu.
func (u *unfinished) need(k key) int64 {
	e := u.of[k]
	return max(e.length-e.offset, u.granted[k]-e.offset, 0)
}

func (u *unfinished) unsettled(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.of[key([]byte(id))].unsettled
}

// behind reports whether rec, read without the lock of its upload, says more than
// is known to be on disk: its last commit has been written and not synced yet.
func (u *unfinished) behind(rec *record) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	e, ok := u.of[key([]byte(rec.ID))]
	return ok && (rec.Offset > e.offset || rec.Length != nil && *rec.Length > e.length)
}

func (u *unfinished) settled(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e, ok := u.of[key([]byte(id))]; ok {
		e.unsettled = false
		u.of[key([]byte(id))] = e
	}
}

func (u *unfinished) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.of)
}

// due returns the ids of those that are dead at the given time.
func (u *unfinished) due(now time.Time) (ids []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for k, e := range u.of {
		if e.due != 0 && e.due <= now.UnixMicro() {
			ids = append(ids, string(k[:]))
		}
	}
	return ids
}
