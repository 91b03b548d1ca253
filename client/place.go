package client

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// place decides where the file goes.
func (d *download) place() (err error) {
	target := d.options.Path
	if target == "" {
		target = "."
	}
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		target = filepath.Join(target, d.givenName())
	} else if strings.HasSuffix(target, string(filepath.Separator)) {
		return &fs.PathError{Op: "open", Path: target, Err: fs.ErrNotExist}
	}
	d.result.Path, err = filepath.Abs(target)
	return err
}

// givenName is what the uploader called the file, made harmless. The name of last
// resort is the upload's own.
func (d *download) givenName() string {
	given := decodeMetadata(d.header.Get("Upload-Metadata"))["filename"]
	return cmp.Or(harmless(given), harmless(path.Base(d.url.Path)), "download")
}

// alreadyThere looks at a file that has the name of the one to come.
func (d *download) alreadyThere(ctx context.Context) (bool, error) {
	f, err := os.Open(d.result.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.Mode().IsRegular() && info.Size() == d.result.Size && d.sums.told() {
		if err := d.reread(ctx, f, info.Size()); err != nil {
			return false, err
		}
		if d.sums.compare() == nil {
			d.result.AlreadyThere, d.result.Verified, d.result.SHA256 = true, true, d.sums.wantSHA
			return true, nil
		}
		d.sums.restart()
	}
	if d.options.Overwrite && !info.IsDir() {
		return false, nil
	}
	return false, &fs.PathError{Op: "create", Path: d.result.Path, Err: fs.ErrExist}
}
