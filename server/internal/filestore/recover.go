package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// mended counts what a recovery has done.
type mended struct{ published, removed, quarantined int }

// counted counts what ended without an error, which it returns.
func counted(n *int, err error) error {
	if err == nil {
		*n++
	}
	return err
}

// recover finishes what a crash interrupted. It runs before any request. What
// cannot be finished now is logged and tried again when the upload is asked for,
// so that one bad upload does not keep the others from being served.
//
// Only uploads that still have their data file are looked at, and those that are
// being removed: the others were published, and nothing is left to do for them.
func (s *Store) recover() error {
	started := time.Now()
	broken, err := s.survey()
	if err != nil {
		return fmt.Errorf("reading the uploads: %w", err)
	}
	var did mended
	for _, f := range broken {
		switch {
		case f.removing:
			err = s.mendRemoval(f.id, &did)
		case f.final:
			err = s.recoverFinal(f.id)
		default:
			err = s.mend(f.id, &did)
		}
		if err != nil {
			s.log.Error("upload not recovered", slog.String("id", f.id), slog.Any("err", err))
		}
	}
	s.log.Info("data directory opened", slog.Int("unfinished", s.unfinished.count()),
		slog.Int("published", did.published), slog.Int("removed", did.removed), slog.Int("quarantined", did.quarantined),
		slog.Duration("took", time.Since(started)))
	return errors.Join(s.root.SyncDir(datadir.Uploads), s.root.SyncDir(datadir.Files))
}

// mendRemoval ends a removal that was interrupted.
func (s *Store) mendRemoval(id string, did *mended) error {
	s.log.Info("removing an upload whose removal was interrupted", slog.String("id", id))
	return counted(&did.removed, s.erase(id, 0))
}

// mend finishes one upload that is not merely unfinished.
func (s *Store) mend(id string, did *mended) (err error) {
	defer func() {
		if err == nil {
			s.unfinished.remove(id)
		}
	}()
	rec, err := s.load(id)
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, errNoRecord):
		return s.mendData(id, did)
	case errors.Is(err, errDamaged):
		return counted(&did.quarantined, s.quarantine(id, err.Error()))
	case err != nil:
		return err
	}
	switch err := s.check(rec); {
	case errors.Is(err, errShort) && s.claims.status(id) == nil:
		return counted(&did.quarantined, s.quarantine(id, err.Error()))
	case err != nil:
		return err // its final upload says so, too, when it comes to it
	}
	u := &upload{store: s, rec: rec}
	if err := counted(&did.published, u.publish(context.Background())); err != nil {
		return err
	}
	s.log.Info("published a file that was complete", slog.String("id", id), slog.String("name", u.rec.Name))
	return nil
}

// mendData puts data away that has no record, or one that speaks of no byte. What is
// not known to be elsewhere is kept: nobody was told of bytes of a creation that was
// cut off, but those of a record that was lost look the same. The data goes last: by
// it a restart finds both.
func (s *Store) mendData(id string, did *mended) error {
	info, err := s.root.Stat(dataPath(id))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // it went with its final upload
	case err != nil:
		return err
	case info.Size() == 0, durable.Links(info) > 1, s.claims.folded(id):
		s.log.Info("removing what has no whole record, of which no byte is lost", slog.String("id", id))
		return counted(&did.removed, s.root.Remove(recordPath(id), dataPath(id)))
	}
	return counted(&did.quarantined, s.quarantine(id, "it has no whole record"))
}

// recoverFinal makes the parts of a final upload its own again, as their records
// say that are on disk. One that was rejected has them all in it, and dies as an
// unfinished upload does.
func (s *Store) recoverFinal(id string) error {
	if rec, err := s.load(id); err == nil {
		if rec.Rejected {
			if err := s.removeParts(rec.Parts); err != nil {
				return err
			}
		}
		s.settleAll(rec.Parts)
	}
	return s.claimAgain(id, s.load)
}

// claimAgain makes the parts of a final upload its own, after what read says.
// Those that are folded may be there or not.
func (s *Store) claimAgain(id string, read func(string) (*record, error)) error {
	rec, err := read(id)
	if err != nil {
		return err
	}
	if rec.Rejected {
		s.track(rec)
		return nil
	}
	whole, err := s.claims.claim(rec)
	if err != nil {
		return err
	}
	for _, p := range whole.parts {
		part, err := read(p.id)
		if err != nil {
			s.claims.breaks(whole)
			return fmt.Errorf("part %s: %w", p.id, err)
		}
		s.claims.note(part)
	}
	if s.claims.created(whole) {
		s.folds.add(whole)
	}
	s.track(rec)
	return nil
}
