package filestore

import (
	"cmp"
	"slices"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// Overdue is an upload whose time is up.
type Overdue struct {
	ID      string
	Held    int64     // how many bytes of the disk go with it
	Expired time.Time // when its time was up
}

// ListOverdue returns the uploads in dir that a sweep would remove, those whose
// time was up first first, and changes nothing. dir must not be in use by a store.
func ListOverdue(dir *datadir.Dir, cfg Config) ([]Overdue, error) {
	s := newStore(dir, cfg)
	found, err := s.survey()
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.final {
			// One that cannot be read is not overdue, nor are its parts.
			_ = s.claimAgain(f.id, s.read)
		}
	}
	var list []Overdue
	for _, id := range s.Expired() {
		rec, err := s.read(id)
		if err != nil {
			return nil, err
		}
		held, err := s.held(rec)
		if err != nil {
			return nil, err
		}
		list = append(list, Overdue{ID: id, Held: held, Expired: s.expires(rec)})
	}
	slices.SortFunc(list, func(a, b Overdue) int {
		return cmp.Or(a.Expired.Compare(b.Expired), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}
