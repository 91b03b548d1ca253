package filestore

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Open opens the file of a complete upload for reading. It needs no lock and
// may be called at any time. Its errors are [ErrNotFound], [ErrUnfinished],
// [ErrRejected], [ErrExpired], [ErrPartial] and [ErrMoved]; info is filled for all
// but the first. What a commit says that is not on disk yet does not count. The
// caller closes the file. A final upload whose parts are being folded is read as if
// it was one file, unless a SHA-256 was announced of it; any other is an *os.File.
func (s *Store) Open(ctx context.Context, id string) (f io.ReadSeekCloser, info Info, err error) {
	rec, err := s.load(id)
	if err != nil {
		return nil, Info{}, s.answer(ctx, "reading", id, err)
	}
	info = s.info(rec)
	switch {
	case s.expired(rec):
		return nil, info, ErrExpired
	case rec.Rejected:
		return nil, info, ErrRejected
	case rec.Partial:
		return nil, info, ErrPartial
	case !info.Complete, !rec.final() && s.unfinished.behind(rec):
		if err := s.check(rec); err != nil {
			return nil, info, s.answer(ctx, "looking at the data", id, err)
		}
		return nil, info, ErrUnfinished
	case rec.complete():
		f, err = s.openFinished(rec)
	case rec.Announced.SHA256 != nil:
		return nil, info, ErrUnfinished // until it is folded nobody knows what it is
	case !rec.Announced.Match(info.CRC32C, nil):
		return nil, info, ErrRejected
	default:
		f, err = s.openUnfolded(rec.unfolded.final)
	}
	if err != nil {
		return nil, info, s.answer(ctx, "opening", id, err)
	}
	return f, info, nil
}

// openUnfolded opens the parts of a final upload, or its one file if all of them
// have been folded meanwhile.
func (s *Store) openUnfolded(f *final) (io.ReadSeekCloser, error) {
	parts, err := s.openParts(f)
	if !errors.Is(err, fs.ErrNotExist) {
		return parts, err
	}
	rec, err := s.load(f.id)
	if err != nil {
		return nil, err
	}
	return s.openFinished(rec)
}

// openFinished opens the bytes under whichever of their two names they have.
func (s *Store) openFinished(rec *record) (*os.File, error) {
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
func (s *Store) stillThere(rec *record) error {
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
