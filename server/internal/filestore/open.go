package filestore

import (
	"cmp"
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
func (s *Store) Open(ctx context.Context, id string) (io.ReadSeekCloser, Info, error) {
	for before := (*record)(nil); ; {
		rec, err := s.load(id)
		if err != nil {
			return nil, Info{}, s.answer(ctx, "reading", id, err)
		}
		f, info, err := s.open(rec)
		if (errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrMoved)) && !rec.same(before) {
			// Since its record was read it may have been published, folded or
			// removed, or made again: what the record says now is what counts.
			before = rec
			continue
		}
		return f, info, s.answer(ctx, "opening", id, err)
	}
}

// same reports whether nothing was written to the record between the two readings.
// The id of a final upload may come again.
func (rec *record) same(before *record) bool {
	return before != nil && rec.end == before.end && rec.Created.Equal(before.Created)
}

// open opens the file of the upload that rec was just read of. The error is an
// [fs.ErrNotExist] if its data is not where rec says.
func (s *Store) open(rec *record) (f io.ReadSeekCloser, info Info, err error) {
	info = s.info(rec)
	switch {
	case s.expired(rec):
		err = ErrExpired
	case rec.Rejected:
		err = ErrRejected
	case rec.Partial:
		err = ErrPartial
	case !info.Complete, !rec.final() && s.unfinished.behind(rec):
		err = cmp.Or(s.check(rec), error(ErrUnfinished))
	case rec.complete():
		f, err = s.openFinished(rec)
	case rec.Announced.SHA256 != nil:
		err = ErrUnfinished // until it is folded nobody knows what it is
	case !rec.Announced.Match(info.CRC32C, nil):
		err = ErrRejected
	default:
		f, err = s.openParts(rec.unfolded.final)
	}
	if err != nil {
		return nil, info, err
	}
	return f, info, nil
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
