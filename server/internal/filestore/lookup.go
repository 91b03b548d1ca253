package filestore

import "context"

// Lookup returns nil if there is an upload called id, and else what GetUpload
// would return: [ErrNotFound], [ErrExpired], or that it cannot be read. It takes
// no lock and waits for nobody.
func (s *Store) Lookup(ctx context.Context, id string) error {
	rec, err := s.load(id)
	if err != nil {
		return s.answer(ctx, "looking up", id, err)
	}
	if s.expired(rec) {
		return ErrExpired
	}
	return nil
}
