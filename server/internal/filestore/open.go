package filestore

import (
	"errors"
	"io/fs"
	"os"
)

// Open opens the file of a complete upload for reading. It needs no lock and
// may be called at any time. Its errors are [ErrNotFound], [ErrUnfinished],
// [ErrExpired] and [ErrMoved]; info is filled for [ErrUnfinished] too. The
// caller closes the file.
func (s *Store) Open(id string) (f *os.File, info Info, err error) {
	rec, err := s.load(id)
	if err != nil {
		return nil, Info{}, s.answer("reading", id, err)
	}
	info = s.info(rec)
	if s.expired(rec) {
		return nil, info, ErrExpired
	}
	if !info.Complete {
		return nil, info, ErrUnfinished
	}
	f, err = s.openFinished(rec)
	if err != nil {
		return nil, info, s.answer("opening", id, err)
	}
	return f, info, nil
}

// openFinished opens the bytes under whichever of their two names they have.
func (s *Store) openFinished(rec record) (*os.File, error) {
	f, err := s.root.Open(dataPath(rec.ID))
	if errors.Is(err, fs.ErrNotExist) {
		f, err = s.files.Open(rec.Name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMoved
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (info.Size() != *rec.Length || !info.Mode().IsRegular()) {
		err = ErrMoved
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
