package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
	"github.com/longhaul-io/longhaul/server/internal/publish"
)

// errUntrusted means that the record on disk may differ from the one in memory.
var errUntrusted = errors.New("its record failed to sync; restart the server after mending the disk")

// upload is one upload as its request sees it. It is not safe for concurrent
// use; the lock of its id makes it the only one.
type upload struct {
	store *Store
	rec   record
}

var (
	_ handler.Upload                 = (*upload)(nil)
	_ handler.TerminatableUpload     = (*upload)(nil)
	_ handler.LengthDeclarableUpload = (*upload)(nil)
)

// GetInfo implements handler.Upload.
func (u *upload) GetInfo(context.Context) (handler.FileInfo, error) {
	info := handler.FileInfo{ID: u.rec.ID, Offset: u.rec.Offset, MetaData: u.rec.MetaData, SizeIsDeferred: u.rec.Length == nil}
	if u.rec.Length != nil {
		info.Size = *u.rec.Length
	}
	return info, nil
}

// GetReader implements handler.Upload. Downloads do not come this way: they use
// [Store.Open], which takes no lock.
func (u *upload) GetReader(context.Context) (io.ReadCloser, error) {
	f, _, err := u.store.Open(u.rec.ID)
	return f, err
}

// DeclareLength implements handler.LengthDeclarableUpload. The length is on
// disk when it returns nil.
func (u *upload) DeclareLength(ctx context.Context, length int64) error {
	next := u.rec.commit
	next.Length = &length
	if !next.valid() {
		return handler.ErrInvalidUploadLength
	}
	if err := u.commit(ctx, next); err != nil {
		return u.store.answer("declaring the length", u.rec.ID, err)
	}
	return nil
}

// FinishUpload implements handler.Upload: it publishes the file.
func (u *upload) FinishUpload(ctx context.Context) error {
	if err := u.publish(ctx); err != nil {
		return u.store.answer("publishing", u.rec.ID, err)
	}
	u.store.log.Info("upload finished", slog.String("id", u.rec.ID), slog.Int64("length", u.rec.Offset), slog.String("name", u.rec.Name))
	return nil
}

// publish gives the complete file its name. It changes nothing if it has it.
func (u *upload) publish(ctx context.Context) error {
	if !u.rec.complete() {
		return ErrUnfinished
	}
	for {
		if u.rec.Name == "" {
			if err := u.commit(ctx, u.rec.commit); err != nil {
				return err
			}
		}
		err := u.store.files.Publish(dataPath(u.rec.ID), u.rec.Name)
		if !errors.Is(err, publish.ErrTaken) {
			return err
		}
		u.rec.Name = ""
	}
}

// Terminate implements handler.TerminatableUpload. It removes the upload and
// its published file, if that is still the one that was uploaded.
func (u *upload) Terminate(context.Context) error {
	return u.store.answer("terminating", u.rec.ID, u.terminate())
}

func (u *upload) terminate() error {
	if u.rec.Name != "" {
		f, _, err := u.store.Open(u.rec.ID)
		if err == nil {
			err = errors.Join(f.Close(), u.store.files.Withdraw(dataPath(u.rec.ID), u.rec.Name))
		}
		if err != nil && !errors.Is(err, ErrMoved) {
			return err
		}
	}
	if err := u.store.root.Remove(recordPath(u.rec.ID)); err != nil {
		return err
	}
	if err := u.store.root.Remove(dataPath(u.rec.ID)); err != nil {
		return err
	}
	u.store.log.Info("upload terminated", slog.String("id", u.rec.ID), slog.Int64("offset", u.rec.Offset))
	return nil
}

// create makes the files of a new upload.
//
// Crash-safe order: record and data file, record synced, then the directory
// that names both.
func (u *upload) create() (err error) {
	root, id := u.store.root, u.rec.ID
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(recordPath(id)), root.Remove(dataPath(id)))
		}
	}()
	data, err := root.Create(dataPath(id))
	if err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	log, err := root.Create(recordPath(id))
	if err != nil {
		return err
	}
	lines := appendLine(appendLine(nil, u.rec.creation.packed()), u.rec.commit)
	_, err = log.WriteAt(lines, 0)
	if err = errors.Join(err, log.SyncData(), log.Close()); err != nil {
		return err
	}
	u.rec.end = int64(len(lines))
	return root.SyncDir(datadir.Uploads)
}

// commit makes next what the record says. The bytes that it speaks of must be
// on disk. A complete upload gets the name under which it will be published.
func (u *upload) commit(ctx context.Context, next commit) (err error) {
	if next.complete() && next.Name == "" {
		wanted := publish.Name(u.rec.MetaData["filename"], u.rec.ID)
		if next.Name, err = u.store.files.Free(wanted); err != nil {
			return err
		}
	}
	next.At = u.store.cfg.Now().UTC()
	log, err := u.store.root.OpenWrite(recordPath(u.rec.ID))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	line := appendLine(nil, next)
	if err := u.appendRecord(log, line); err != nil {
		return err
	}
	u.rec.commit = next
	u.rec.end += int64(len(line))
	observe(ctx, u.store.info(u.rec))
	return nil
}

// appendRecord writes line after the last whole line and syncs it, over whatever
// a crash left there. What sticks out of that behind the line has a wrong
// checksum and never counts, and neither does a line that was written in part.
func (u *upload) appendRecord(log durable.File, line []byte) error {
	if _, err := log.WriteAt(line, u.rec.end); err != nil {
		// Part of a line does no harm, but a whole one would count unsynced.
		if rec, readErr := readRecordFile(log); readErr != nil || rec.end != u.rec.end {
			u.store.untrusted.Store(u.rec.ID, true)
		}
		return err
	}
	if err := log.SyncData(); err != nil {
		u.store.untrusted.Store(u.rec.ID, true)
		return err
	}
	return nil
}

// cut shortens f to size bytes if it is longer. A file that is shorter has lost
// what was committed: writing on would put zeros in its place.
func cut(f durable.File, size int64) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() < size:
		return fmt.Errorf("the data is %d bytes long, its record says %d", info.Size(), size)
	case info.Size() == size:
		return nil
	}
	return f.Truncate(size)
}
