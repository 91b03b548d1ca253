package client

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how many bytes the name of a file has at most.
const maxName = 255

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

// givenName is what the uploader called the file, made harmless: it names a file
// in the directory where it is put, and no hidden one. The name of last resort is
// the upload's own.
func (d *download) givenName() string {
	own := path.Base(d.url.Path)
	for _, name := range []string{decodeMetadata(d.header.Get("Upload-Metadata"))["filename"], own, "download"} {
		name = name[strings.LastIndexAny(name, `/\`)+1:]
		name = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == ':' && filepath.Separator == '\\' {
				return '_'
			}
			return r
		}, name)
		if strings.HasPrefix(name, ".") {
			name = "_" + name[1:]
		}
		if name = shortened(name, maxName); strings.Trim(name, "_. ") != "" && filepath.IsLocal(name) {
			return name
		}
	}
	return "download"
}

// shortened cuts a name to so many bytes, not in the middle of a character.
func shortened(name string, most int) string {
	if len(name) <= most {
		return name
	}
	for most > 0 && !utf8.RuneStart(name[most]) {
		most--
	}
	return name[:most]
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
