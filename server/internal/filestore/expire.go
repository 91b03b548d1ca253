package filestore

import (
	"context"
	"errors"
	"strings"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// Expired returns the ids of the unfinished uploads whose time is up. It takes
// no lock, so an upload may have got bytes when the caller looks at it.
func (s *Store) Expired(ctx context.Context) ([]string, error) {
	entries, err := s.root.ReadDir(datadir.Uploads)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, entry := range entries {
		id, ok := strings.CutSuffix(entry.Name(), dataSuffix)
		if !ok || !validID(id) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if rec, err := s.load(id); err == nil && s.expired(rec) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// RemoveExpired removes the upload if its time is still up, and reports whether
// it did. The caller holds the lock of id.
func (s *Store) RemoveExpired(id string) (bool, error) {
	rec, err := s.load(id)
	if errors.Is(err, ErrNotFound) || errors.Is(err, errNoRecord) {
		return false, nil
	}
	if err != nil || !s.expired(rec) {
		return false, err
	}
	u := &upload{store: s, rec: rec}
	if err := u.terminate(context.Background()); err != nil {
		return false, err
	}
	return true, nil
}
