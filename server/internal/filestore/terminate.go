package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"syscall"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// errRemoved is the [ErrNotFound] of an upload whose removal has begun, and has
// not ended or failed half-way.
var errRemoved = fmt.Errorf("it is being removed: %w", ErrNotFound)

// Terminate implements handler.TerminatableUpload. It removes the upload and
// its published file, if that is still the one that was uploaded. It returns
// [ErrPartTaken] for a partial upload that belongs to a final one. The parts of a
// final one that are not folded yet are free again.
func (u *upload) Terminate(ctx context.Context) error {
	return u.store.answer(ctx, "terminating", u.rec.ID, u.terminate(ctx))
}

// terminate removes the upload.
//
// Crash-safe order: the published file; then a third name, synced, says that the
// upload is being removed; its record and its data; the third name. So a restart
// removes data because of that name, never because there is no record, and nothing
// stays. An upload whose data was published has only its record left to remove.
//
// Until that name may be there an error leaves the upload as it was, but for the
// published file.
func (u *upload) terminate(ctx context.Context) (err error) {
	switch {
	case u.rec.Partial:
		if err := u.store.claims.hold(u.rec.ID); err != nil {
			return err
		}
		defer u.store.claims.drop(u.rec.ID)
	case u.rec.final():
		u.store.claims.condemn(u.rec.ID)
		u.store.folds.abandon(u.rec.ID)
		defer func() {
			if err != nil {
				u.store.pardon(u.rec.ID)
			}
		}()
		rec, err := u.store.load(u.rec.ID)
		if err != nil {
			return err
		}
		u.rec = rec
	}
	if u.rec.Name != "" {
		f, _, err := u.store.Open(ctx, u.rec.ID)
		if err == nil {
			err = errors.Join(f.Close(), u.store.files.Withdraw(dataPath(u.rec.ID), u.rec.Name))
		}
		if err != nil && !errors.Is(err, ErrMoved) {
			return err
		}
	}
	switch held, err := u.store.held(u.rec); {
	case errors.Is(err, fs.ErrNotExist):
		if err := u.store.root.Remove(recordPath(u.rec.ID)); err != nil {
			return err
		}
		u.store.forget(u.rec.ID)
	case err != nil:
		return err
	default:
		if err := u.store.erase(u.rec.ID, held); err != nil {
			return err
		}
	}
	u.store.log.InfoContext(ctx, "upload terminated", slog.String("id", u.rec.ID), slog.Int64("offset", u.rec.Offset))
	return nil
}

// pardon has the final upload called id folded after all, if its removal has not
// begun.
func (s *Store) pardon(id string) {
	if _, going := s.removing.Load(id); going {
		return
	}
	if f := s.claims.pardon(id); f != nil {
		s.folds.add(f)
	}
}

// erase removes the files of an upload that is unfinished or was not published,
// which hold so many bytes. It goes on where an earlier attempt came to. The caller
// holds the lock of id.
//
// Where there is no room for the third name it goes without: nothing may be freed
// otherwise. The record is then gone for good before the data, so that a crash
// leaves no more than data that is set aside at start.
func (s *Store) erase(id string, held int64) error {
	err := s.root.Link(dataPath(id), removedPath(id))
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) && !noRoom(err) {
		if _, missing := s.root.Stat(removedPath(id)); errors.Is(missing, fs.ErrNotExist) {
			return err
		}
	}
	// From now on it only goes forward: a restart may find the name, or no record.
	s.removing.LoadOrStore(id, held)
	switch {
	case errors.Is(err, fs.ErrExist):
		err = s.root.SyncDir(datadir.Uploads)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	case noRoom(err):
		err = s.root.Remove(recordPath(id))
	}
	if err != nil {
		return err
	}
	if err := s.root.Remove(recordPath(id), dataPath(id)); err != nil {
		return err
	}
	if err := s.root.Remove(removedPath(id)); err != nil {
		return err
	}
	s.forget(id)
	return nil
}

// noRoom reports whether err says that a directory or a file takes no more names.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EMLINK)
}

// forget forgets an upload that is gone.
func (s *Store) forget(id string) {
	s.removing.Delete(id)
	s.unfinished.remove(id)
	// Last: once its parts are free, the same final upload can be made of them again.
	s.claims.release(id)
}
