package filestore

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// expires returns when the upload dies unless more bytes arrive. Zero means
// never.
func (s *Store) expires(rec record) time.Time {
	if s.cfg.ExpireAfter <= 0 || rec.complete() {
		return time.Time{}
	}
	return rec.At.Add(s.cfg.ExpireAfter)
}

func (s *Store) expired(rec record) bool {
	expires := s.expires(rec)
	return !expires.IsZero() && !s.cfg.Now().Before(expires)
}

// Expired returns the ids of the uploads whose time is up, without a look at the
// disk. It takes no lock, so an upload may have got bytes when the caller looks
// at it.
func (s *Store) Expired() []string {
	return slices.DeleteFunc(s.unfinished.due(s.cfg.Now()), func(id string) bool {
		_, bad := s.untrusted.Load(id)
		return bad
	})
}

// RemoveExpired removes the upload if its time is still up, and reports whether
// it did and how many bytes of the disk that has freed. The caller holds the
// lock of id.
func (s *Store) RemoveExpired(id string) (removed bool, freed int64, err error) {
	rec, err := s.load(id)
	switch {
	case errors.Is(err, ErrNotFound):
		// The bytes may be left of a removal that failed half-way.
		rec.ID = id
	case errors.Is(err, errNoRecord):
		return false, 0, nil
	case err != nil || !s.expired(rec):
		return false, 0, err
	}
	data, err := s.root.Stat(dataPath(id))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, 0, nil
	case err != nil:
		return false, 0, err
	}
	u := &upload{store: s, rec: rec}
	if err := u.terminate(context.Background()); err != nil {
		return false, 0, err
	}
	return true, data.Size(), nil
}
