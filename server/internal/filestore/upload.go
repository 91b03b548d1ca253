package filestore

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/tus/tusd/v2/pkg/handler"

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

// GetInfo implements handler.Upload. Of a rejected upload it tells nothing but
// [ErrRejected]: tusd asks it before it does anything with an upload, but when it
// terminates one.
func (u *upload) GetInfo(context.Context) (handler.FileInfo, error) {
	if u.rec.Rejected {
		return handler.FileInfo{}, ErrRejected
	}
	info := handler.FileInfo{ID: u.rec.ID, Offset: u.rec.Offset, MetaData: u.rec.metaData(), SizeIsDeferred: u.rec.Length == nil}
	if u.rec.Length != nil {
		info.Size = *u.rec.Length
	}
	return info, nil
}

// GetReader implements handler.Upload. Downloads do not come this way: they use
// [Store.Open], which takes no lock.
func (u *upload) GetReader(ctx context.Context) (io.ReadCloser, error) {
	f, _, err := u.store.Open(ctx, u.rec.ID)
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
	d, err := next.digests()
	if err != nil {
		return u.store.answer(ctx, "declaring the length", u.rec.ID, err)
	}
	d.into(&next)
	if next.whole() {
		// No write follows that would cut off what a crash left behind the end.
		if err := u.trim(); err != nil {
			return u.store.answer(ctx, "trimming the data", u.rec.ID, err)
		}
	} else if err := u.store.reserve(u.rec.ID, u.store.entryOf(record{u.rec.creation, next, 0})); err != nil {
		return u.store.answer(ctx, "reserving space", u.rec.ID, err)
	}
	if err := u.commit(ctx, next); err != nil {
		u.store.track(u.rec)
		return u.store.answer(ctx, "declaring the length", u.rec.ID, err)
	}
	return nil
}

// trim cuts off the bytes past the last commit, so that this lasts.
func (u *upload) trim() error {
	data, err := u.store.root.OpenWrite(dataPath(u.rec.ID))
	if err != nil {
		return err
	}
	return errors.Join(cut(data, u.rec.Offset), data.SyncData(), data.Close())
}

// FinishUpload implements handler.Upload: it publishes the file, or returns
// [ErrRejected].
func (u *upload) FinishUpload(ctx context.Context) error {
	if err := u.publish(ctx); err != nil {
		return u.store.answer(ctx, "publishing", u.rec.ID, err)
	}
	u.store.log.InfoContext(ctx, "upload finished", slog.String("id", u.rec.ID), slog.Int64("length", u.rec.Offset), slog.String("name", u.rec.Name))
	return nil
}

// publish gives the complete file its name. It changes nothing if it has it.
func (u *upload) publish(ctx context.Context) error {
	if !u.rec.whole() {
		return ErrUnfinished
	}
	for {
		if u.rec.Name == "" && !u.rec.Rejected {
			if err := u.commit(ctx, u.rec.commit); err != nil {
				return err
			}
		}
		if u.rec.Rejected {
			return ErrRejected
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
func (u *upload) Terminate(ctx context.Context) error {
	return u.store.answer(ctx, "terminating", u.rec.ID, u.terminate(ctx))
}

func (u *upload) terminate(ctx context.Context) error {
	if u.rec.Name != "" {
		f, _, err := u.store.Open(ctx, u.rec.ID)
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
	u.store.unfinished.remove(u.rec.ID)
	u.store.log.InfoContext(ctx, "upload terminated", slog.String("id", u.rec.ID), slog.Int64("offset", u.rec.Offset))
	return nil
}
