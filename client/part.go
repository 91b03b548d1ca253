package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// partPath is where the bytes are until all have come. It differs for each
// upload, so that no part of another is taken for one of this.
func (d *download) partPath() string {
	key := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", d.url, d.result.Size))
	suffix := "." + hex.EncodeToString(key[:4]) + ".part"
	dir, name := filepath.Split(d.result.Path)
	return filepath.Join(dir, shortened(name, maxName-len(suffix))+suffix)
}

// toFile receives into the part and gives it its name. A part left by an earlier
// call that turns out to be damaged, as a power cut may leave it, is received
// anew once.
func (d *download) toFile(ctx context.Context) (err error) {
	part, err := os.OpenFile(d.partPath(), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer part.Close()
	d.writer = part
	old, err := d.resume(ctx, part)
	if err != nil {
		return err
	}
	for {
		if err := d.receive(ctx); err != nil {
			return errors.Join(err, keepOrDrop(part, d.sums.offset))
		}
		if err = d.verify(); err == nil {
			return d.finish(part)
		}
		if !old {
			part.Close()
			return errors.Join(err, os.Remove(part.Name()))
		}
		d.notify(Event{Kind: Notice, Err: errors.New("what was here of it is damaged; receiving it anew")})
		old = false
		d.sums.restart()
		if err := restarted(part); err != nil {
			return err
		}
	}
}

// resume takes over what is in the part, if anything.
func (d *download) resume(ctx context.Context, part *os.File) (old bool, err error) {
	info, err := part.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() == 0 || info.Size() > d.result.Size {
		d.notify(Event{Kind: Started})
		return false, restarted(part)
	}
	if err := d.reread(ctx, part, info.Size()); err != nil {
		return false, err
	}
	d.notify(Event{Kind: Resumed})
	return true, nil
}

// reread takes the sums of the first size bytes of f, and leaves f after them.
func (d *download) reread(ctx context.Context, f *os.File, size int64) error {
	for d.sums.offset < size {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(d.sums, f, min(verifyPiece, size-d.sums.offset))
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrUnexpectedEOF
		}
		d.notify(Event{Kind: Verifying, Offset: d.sums.offset, Size: size})
	}
	return nil
}

func restarted(part *os.File) error {
	if err := part.Truncate(0); err != nil {
		return err
	}
	_, err := part.Seek(0, io.SeekStart)
	return err
}

// keepOrDrop leaves what is of use to a later call.
func keepOrDrop(part *os.File, size int64) error {
	if size > 0 {
		return part.Sync()
	}
	part.Close()
	return os.Remove(part.Name())
}

// finish puts the part on disk and gives it its name, which is on disk too then.
func (d *download) finish(part *os.File) error {
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	if err := d.rename(part.Name()); err != nil {
		return err
	}
	return resume.SyncDir(filepath.Dir(d.result.Path))
}

// rename takes a name that is free, or any with Overwrite. A link never replaces
// a file that came meanwhile; not all file systems have them.
func (d *download) rename(part string) error {
	if !d.options.Overwrite {
		switch err := os.Link(part, d.result.Path); {
		case err == nil:
			return os.Remove(part)
		case errors.Is(err, fs.ErrExist):
			return &fs.PathError{Op: "create", Path: d.result.Path, Err: fs.ErrExist}
		}
		if _, err := os.Lstat(d.result.Path); !errors.Is(err, fs.ErrNotExist) {
			return &fs.PathError{Op: "create", Path: d.result.Path, Err: fs.ErrExist}
		}
	}
	return os.Rename(part, d.result.Path)
}
