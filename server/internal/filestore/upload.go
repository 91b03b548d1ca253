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

// errNotRecovered means that a final upload is not what its record says.
var errNotRecovered = errors.New("final upload was not recovered when the server started; its log then says why")

// upload is one upload as its request sees it. It is not safe for concurrent
// use; the lock of its id makes it the only one.
type upload struct {
	store   *Store
	rec     *record
	checked bool // the bytes of rec are there
}

var (
	_ handler.Upload                 = (*upload)(nil)
	_ handler.TerminatableUpload     = (*upload)(nil)
	_ handler.LengthDeclarableUpload = (*upload)(nil)
	_ handler.ConcatableUpload       = (*upload)(nil)
)

// GetInfo implements handler.Upload. Of a rejected upload it tells nothing but
// [ErrRejected], and nothing of one whose bytes are not all there: tusd asks it
// before it does anything with an upload, but when it terminates one.
func (u *upload) GetInfo(ctx context.Context) (handler.FileInfo, error) {
	if u.rec.Rejected {
		return handler.FileInfo{}, ErrRejected
	}
	if err := u.check(ctx); err != nil {
		return handler.FileInfo{}, err
	}
	known := u.store.info(u.rec)
	info := handler.FileInfo{
		ID: known.ID, Offset: known.Offset, MetaData: known.MetaData, SizeIsDeferred: known.Length == nil,
		IsPartial: known.Partial, IsFinal: u.rec.final(),
		// Not PartialUploads: of ten thousand tusd's handler makes a header in
		// seconds, and HEAD returns the one that was sent.
	}
	if known.Length != nil {
		info.Size = *known.Length
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
	switch {
	case u.rec.final():
		return handler.ErrModifyFinal
	case !next.valid():
		return handler.ErrInvalidUploadLength
	case !u.store.claims.fitsWith(u.rec.ID, length, u.store.maxSize()):
		return handler.ErrMaxSizeExceeded
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
	} else if err := u.store.reserve(u.rec.ID, u.store.entryOf(&record{creation: u.rec.creation, commit: next})); err != nil {
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
	if u.rec.final() && u.store.info(u.rec).Complete {
		return nil // who folds it publishes it
	}
	said := "upload finished"
	if u.rec.Partial {
		said = "partial upload finished"
	}
	if err := u.publish(ctx); err != nil {
		return u.store.answer(ctx, "publishing", u.rec.ID, err)
	}
	u.store.log.InfoContext(ctx, said, slog.String("id", u.rec.ID), slog.Int64("length", u.rec.Offset), slog.String("name", u.rec.Name))
	return nil
}

// publish gives the complete file its name, unless it is a part. It changes
// nothing if it has it. The parts of a final upload go before, while its data in
// uploads/ still says that they may be there.
func (u *upload) publish(ctx context.Context) error {
	switch {
	case !u.rec.whole():
		return ErrUnfinished
	case u.rec.Partial:
		return nil
	case u.rec.final():
		if err := u.removeFolded(); err != nil {
			return err
		}
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
