package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// quarantine is where recovery puts records that it cannot read. Nothing in it
// is read again or removed.
const quarantine = "quarantine"

// recover finishes what a crash interrupted. It runs before any request. What
// cannot be finished now is logged and tried again when the upload is asked for,
// so that one bad upload does not keep the others from being served.
//
// Only uploads that still have their data file are looked at: the others were
// published, and nothing is left to do for them.
func (s *Store) recover() error {
	started := time.Now()
	broken, err := s.survey()
	if err != nil {
		return fmt.Errorf("reading the uploads: %w", err)
	}
	var published, aside int
	for _, f := range broken {
		mend := s.mend
		if f.final {
			mend = s.recoverFinal
		}
		switch err := mend(f); {
		case err != nil:
			s.log.Error("upload not recovered", slog.String("id", f.id), slog.Any("err", err))
		case f.final:
		case errors.Is(f.err, errNoRecord):
			aside++
		case f.err == nil:
			published++
		}
	}
	s.log.Info("data directory opened", slog.Int("unfinished", s.unfinished.count()),
		slog.Int("published", published), slog.Int("quarantined", aside),
		slog.Duration("took", time.Since(started)))
	return errors.Join(s.root.SyncDir(datadir.Uploads), s.root.SyncDir(datadir.Files))
}

// mend finishes one upload that is not merely unfinished.
func (s *Store) mend(f found) (err error) {
	defer func() {
		if err == nil {
			s.unfinished.remove(f.id)
		}
	}()
	switch {
	case errors.Is(f.err, ErrNotFound):
		// A creation that no record was written for, or a termination that
		// removed it: nobody was promised this data.
		s.log.Info("removing data without a record", slog.String("id", f.id))
		return s.root.Remove(dataPath(f.id))
	case errors.Is(f.err, errNoRecord):
		return s.quarantine(f.id)
	case f.err != nil:
		return f.err
	}
	rec, err := s.load(f.id)
	if err != nil {
		return err
	}
	u := &upload{store: s, rec: rec}
	if err := u.publish(context.Background()); err != nil {
		return err
	}
	s.log.Info("published a file that was complete", slog.String("id", f.id), slog.String("name", u.rec.Name))
	return nil
}

// recoverFinal makes the parts of a final upload its own again, as their records
// say that are on disk.
func (s *Store) recoverFinal(f found) error {
	if rec, err := s.load(f.id); err == nil {
		s.settleAll(rec.Parts)
	}
	return s.claimAgain(f.id, s.load)
}

// claimAgain makes the parts of a final upload its own, after what read says.
// Those that are folded may be there or not.
func (s *Store) claimAgain(id string, read func(string) (*record, error)) error {
	rec, err := read(id)
	if err != nil {
		return err
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

// quarantine puts an upload whose record says nothing usable out of the way
// without losing a byte of it. Both files have their new names before either
// loses its old one, and the data goes last: data alone would be taken for what
// a termination left.
func (s *Store) quarantine(id string) error {
	s.log.Warn("setting aside an upload without a readable record", slog.String("id", id), slog.String("directory", quarantine))
	if err := s.root.Mkdir(quarantine); err != nil {
		return err
	}
	names := []string{recordPath(id), dataPath(id)}
	for _, name := range names {
		if err := s.root.Link(name, path.Join(quarantine, path.Base(name))); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	// A name that was there already may come from a link that failed to sync.
	if err := s.root.SyncDir(quarantine); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
