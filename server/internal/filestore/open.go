package filestore

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Open opens the file of a complete upload for reading. It needs no lock and
// may be called at any time. Its errors are [ErrNotFound], [ErrUnfinished],
// [ErrRejected], [ErrExpired] and [ErrMoved]; info is filled for [ErrUnfinished] too. The
// caller closes the file.
func (s *Store) Open(ctx context.Context, id string) (f *os.File, info Info, err error) {
	rec, err := s.load(id)
	if err != nil {
		return nil, Info{}, s.answer(ctx, "reading", id, err)
	}
	info = s.info(rec)
	if s.expired(rec) {
		return nil, info, ErrExpired
	}
	if rec.Rejected {
		return nil, info, ErrRejected
	}
	if !info.Complete {
		return nil, info, ErrUnfinished
	}
	f, err = s.openFinished(rec)
	if err != nil {
		return nil, info, s.answer(ctx, "opening", id, err)
	}
	return f, info, nil
}

// openFinished opens the bytes under whichever of their two names they have.
func (s *Store) openFinished(rec record) (*os.File, error) {
	f, err := s.root.Open(dataPath(rec.ID))
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := s.stillThere(rec); err != nil {
		return nil, err
	}
	f, err = s.files.Open(rec.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMoved
	}
	return f, err
}

// stillThere returns [ErrMoved] unless the published file is the one that was
// uploaded. Another file may have got its name after somebody moved it away.
func (s *Store) stillThere(rec record) error {
	info, err := s.files.Stat(rec.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrMoved
	case err != nil:
		return err
	case !info.Mode().IsRegular(), info.Size() != rec.Offset, !info.ModTime().Equal(rec.Modified):
		return ErrMoved
	}
	return nil
}
