package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// MaxParts is how many parts a final upload can have.
const MaxParts = 10_000

// AsConcatableUpload implements handler.ConcaterDataStore.
func (s *Store) AsConcatableUpload(u handler.Upload) handler.ConcatableUpload { return u.(*upload) }

// ConcatUploads implements handler.ConcatableUpload. [Store.NewUpload] has done
// it all: a final upload is created with its parts.
func (u *upload) ConcatUploads(context.Context, []handler.Upload) error { return nil }

// newFinal creates a final upload, which takes its parts for its own, whether or
// not they are complete. Its errors are those of the parts, and
// handler.ErrMaxSizeExceeded.
//
// Its id follows from its parts, so that asking again, after a lost answer or
// after everything is folded, finds the same upload, whatever else is said.
func (s *Store) newFinal(ctx context.Context, info handler.FileInfo) (*upload, error) {
	id, err := FinalID(info.PartialUploads)
	if err != nil {
		return nil, err
	}
	s.concat.Lock() // who asks at the same time finds what the other one made
	defer s.concat.Unlock()
	if u, err := s.existingFinal(ctx, id); u != nil || err != nil {
		return u, err
	}
	u := &upload{store: s, rec: s.newRecord(ctx, id, info)}
	f, err := s.claims.claim(u.rec)
	if err != nil {
		return nil, err
	}
	if err = s.examine(f); err == nil {
		err = u.createFinal()
	}
	if err != nil {
		s.claims.release(id)
		return nil, err
	}
	// Before it can be folded: then it is neither unfinished nor unfolded.
	u.rec.unfolded = s.claims.status(id)
	s.track(u.rec)
	if s.claims.created(f) {
		s.folds.add(f)
	}
	s.log.InfoContext(ctx, "final upload created", slog.String("id", id), slog.Int("parts", len(u.rec.Parts)), slog.String("filename", info.MetaData["filename"]))
	return u, nil
}

// FinalID returns the id of the final upload that is made of the given parts, whether
// or not it is there. Its errors are [ErrPartCount], [ErrPartRepeated], and
// [ErrPartNotFound] for what is no id.
func FinalID(parts []string) (string, error) {
	if len(parts) == 0 || len(parts) > MaxParts {
		return "", ErrPartCount
	}
	seen, sum := make(map[string]bool, len(parts)), sha256.New()
	for _, id := range parts {
		if !validID(id) {
			return "", ErrPartNotFound
		}
		if seen[id] {
			return "", ErrPartRepeated
		}
		seen[id] = true
		_, _ = io.WriteString(sum, id)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum.Sum(nil)))[:idLength], nil
}

// existingFinal returns the final upload called id if it was created before. What
// is left of a creation that was never acknowledged is removed, and what is left of a
// removal that failed.
func (s *Store) existingFinal(ctx context.Context, id string) (*upload, error) {
	u, err := s.get(ctx, id)
	switch {
	case errors.Is(err, errRemoved):
		return nil, s.erase(id, 0)
	case errors.Is(err, errCutOff):
		return nil, s.root.Remove(recordPath(id))
	case errors.Is(err, ErrNotFound):
		return nil, nil
	}
	return u, err
}

// examine looks at the parts that f has claimed.
func (s *Store) examine(f *final) error {
	s.settleAll(f.ids)
	for _, id := range f.ids {
		rec, err := s.load(id)
		switch {
		case errors.Is(err, ErrNotFound):
			return ErrPartNotFound
		case err != nil:
			return err
		case !rec.Partial:
			return ErrPartNotPartial
		case rec.Rejected:
			return ErrRejected
		case s.overdue(rec.At):
			return ErrPartExpired
		}
		if !s.unfinished.behind(rec) {
			s.claims.note(rec)
		} // else the commit itself does when it is on disk
	}
	if !s.claims.fits(f, s.maxSize()) {
		return handler.ErrMaxSizeExceeded
	}
	return nil
}

func (s *Store) maxSize() int64 {
	if s.cfg.MaxSize > 0 {
		return s.cfg.MaxSize
	}
	return math.MaxInt64
}

// createFinal makes the files of a final upload. Its data is that of its first
// part from the beginning: the same file, under another name.
//
// Crash-safe order: record synced, then the name of the data, then the directory
// that names both. So there is never data with a torn record, which a restart
// would set aside together with bytes that are the part's.
func (u *upload) createFinal() (err error) {
	root, id := u.store.root, u.rec.ID
	defer func() {
		if err == nil {
			return
		}
		if undone := root.Remove(recordPath(id), dataPath(id)); undone != nil {
			// Who asks again must not find what may not be on disk.
			u.store.untrusted.Store(id, true)
			err = errors.Join(err, undone)
		}
	}()
	if err := u.createRecord(); err != nil {
		return err
	}
	return root.Link(dataPath(u.rec.Parts[0]), dataPath(id))
}
