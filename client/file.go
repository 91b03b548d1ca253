package client

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// File is the regular file at path. It is opened by Upload and read from where
// the server's offset is; its content must not change meanwhile, save that with
// Options.Append and Options.Finish it may grow. One with content and no size, as
// in /proc, is ErrNoSize.
func File(path string) Source {
	return Source{func(grows bool) (*opened, error) { return openFile(path, grows) }}
}

func openFile(name string, grows bool) (*opened, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	// Looking first: opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = sized(file); err != nil {
		file.Close()
		return nil, err
	}
	return &opened{ReaderAt: file, name: path, key: path, file: file, before: resume.StatOf(info), grows: grows}, nil
}

// sized describes file. The error is ErrNoSize if its size says nothing.
func sized(file *os.File) (os.FileInfo, error) {
	info, err := file.Stat()
	if err != nil || info.Size() > 0 {
		return info, err
	}
	if n, err := file.ReadAt(make([]byte, 1), 0); n == 0 {
		if err == io.EOF {
			err = nil
		}
		return info, err
	}
	// It may have been written to just now.
	if info, err = file.Stat(); err == nil && info.Size() == 0 {
		err = fmt.Errorf("%s: %w", file.Name(), ErrNoSize)
	}
	return info, err
}

// check returns a *SourceChangedError if a file shows that it was written to. It
// is cheap, and does not see all: see untouched.
func (o *opened) check() error {
	if o.file == nil {
		return nil
	}
	info, err := o.file.Stat()
	if err != nil {
		return err
	}
	now := resume.StatOf(info)
	now.Changed = o.before.Changed // renaming changes it, too
	switch {
	case now.Size < o.before.Size:
		return o.changed("it shrank from %d to %d bytes while it was being sent", o.before.Size, now.Size)
	case o.grows || now == o.before:
		return nil
	case now.Size > o.before.Size:
		return o.changed("it grew from %d to %d bytes while it was being sent", o.before.Size, now.Size)
	}
	return o.changed("it was written to while it was being sent")
}

// untouched reports whether the source is a file to which nothing at all happened
// since before.
func (o *opened) untouched(before resume.Stat) (bool, error) {
	if o.file == nil {
		return false, nil
	}
	info, err := o.file.Stat()
	return err == nil && before.Changed != 0 && resume.StatOf(info) == before, err
}
