package filestore

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// expires returns when the upload dies unless more bytes arrive. Zero means
// never. A final upload, and the parts that belong to it, die together.
func (s *Store) expires(rec *record) time.Time {
	whole := s.claims.status(rec.ID)
	written := rec.At
	switch {
	case s.cfg.ExpireAfter <= 0:
		return time.Time{}
	case whole != nil && !whole.complete && !whole.broken:
		written = whole.written
	case whole != nil, rec.final() && !rec.whole(), rec.complete() && !rec.Partial:
		return time.Time{}
	}
	return written.Add(s.cfg.ExpireAfter)
}

func (s *Store) expired(rec *record) bool {
	expires := s.expires(rec)
	return !expires.IsZero() && !s.cfg.Now().Before(expires)
}

// overdue reports whether what was written then, and nothing since, is too old.
func (s *Store) overdue(written time.Time) bool {
	return s.cfg.ExpireAfter > 0 && !s.cfg.Now().Before(written.Add(s.cfg.ExpireAfter))
}

// Expired returns the ids of the uploads whose time is up, without a look at the
// disk. It takes no lock, so an upload may have got bytes when the caller looks
// at it.
func (s *Store) Expired() []string {
	return slices.DeleteFunc(s.unfinished.due(s.cfg.Now()), func(id string) bool {
		_, bad := s.untrusted.Load(id)
		whole := s.claims.status(id)
		return bad || whole != nil && (whole.complete || whole.broken || !s.overdue(whole.written))
	})
}

// RemoveExpired removes the upload if its time is still up, and reports whether
// it did and how many bytes of the disk that has freed. The caller holds the
// lock of id.
func (s *Store) RemoveExpired(id string) (removed bool, freed int64, err error) {
	rec, err := s.load(id)
	switch {
	case errors.Is(err, errRemoved): // but not all of it
		held, _ := s.removing.Load(id)
		err = s.erase(id, held.(int64))
		return err == nil, held.(int64), err
	case errors.Is(err, ErrNotFound), errors.Is(err, errNoRecord):
		return false, 0, nil
	case err != nil || !s.expired(rec):
		return false, 0, err
	}
	freed, err = s.held(rec)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, 0, nil
	case err != nil:
		return false, 0, err
	case rec.final() && !rec.whole() && !s.claims.condemnOverdue(id, s.overdue):
		return false, 0, nil
	}
	u := &upload{store: s, rec: rec}
	switch err := u.terminate(context.Background()); {
	case errors.Is(err, ErrPartTaken):
		return false, 0, nil // it goes after its final upload
	case err != nil:
		return false, 0, err
	}
	return true, freed, nil
}

// held returns how many bytes of the disk go with the upload: not those of the
// parts of a final one.
func (s *Store) held(rec *record) (int64, error) {
	data, err := s.root.Stat(dataPath(rec.ID))
	if err != nil || rec.final() && !rec.whole() {
		return 0, err
	}
	return data.Size(), nil
}
