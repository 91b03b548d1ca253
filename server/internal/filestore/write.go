package filestore

import (
	"context"
	"io"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// WriteChunk implements handler.Upload: it appends src at offset and returns
// how many bytes of it are on stable storage, also when it returns an error.
// An src that ends early, because its connection broke or another request took
// over, is no error: what came is kept.
//
// With a [checksum.Expectation] in ctx, src counts as a whole or not at all: if it
// ends early, does not have its checksum or cannot be written, n is 0 and the
// upload is what it was. tusd finishes an upload whose offset reaches its length
// even when err is not nil.
func (u *upload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	if u.rec.final() {
		return 0, handler.ErrModifyFinal
	}
	data, err := u.store.root.OpenWrite(dataPath(u.rec.ID))
	if err != nil {
		return 0, u.store.answer(ctx, "opening the data", u.rec.ID, err)
	}
	defer data.Close()
	defer u.store.unfinished.write(u.rec.ID, data)()
	if u.rec.Length == nil {
		src = &growing{Reader: src, store: u.store, id: u.rec.ID, offset: offset}
	}
	if err = cut(data, offset); err == nil {
		err = u.append(ctx, data, src)
	}
	// The last commit counts whatever happened since.
	return u.rec.Offset - offset, u.store.answer(ctx, "writing", u.rec.ID, err)
}

// append appends src to data, which ends at the offset of the upload.
func (u *upload) append(ctx context.Context, data durable.File, src io.Reader) error {
	digests, err := u.rec.digests()
	if err != nil {
		return err
	}
	digests.chunk = checksum.From(ctx)
	return newAppender(u, data, digests).copy(ctx, src)
}

// cut shortens f to size bytes. It is an error if f is shorter: writing on would
// fill the gap with zeros.
func cut(f durable.File, size int64) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() < size:
		return short(info.Size(), size)
	case info.Size() == size:
		return nil
	}
	return f.Truncate(size)
}
