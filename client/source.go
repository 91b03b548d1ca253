package client

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// Source is what an Upload sends. Make one with File.
type Source struct{ path string }

// File is the regular file at path. It is opened by Upload and read from where
// the server's offset is; its content must not change meanwhile, save that with
// Options.Append and Options.Finish it may grow.
func File(path string) Source { return Source{path} }

// opened is a source that is being sent.
type opened struct {
	file   *os.File
	path   string      // absolute
	before resume.Stat // when the push began; Size is what will be sent
	grows  bool        // growth is no change: the upload is open
}

func (s Source) open(grows bool) (*opened, error) {
	path, err := filepath.Abs(s.path)
	if err != nil {
		return nil, err
	}
	// Looking first: opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", s.path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err != nil {
		file.Close()
		return nil, err
	}
	return &opened{file: file, path: path, before: resume.StatOf(info), grows: grows}, nil
}

// check returns a *SourceChangedError if the file shows that it was written to.
// It is cheap, and does not see all: see untouched.
func (o *opened) check() error {
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

// untouched reports whether nothing at all happened to the file since before.
func (o *opened) untouched(before resume.Stat) (bool, error) {
	info, err := o.file.Stat()
	return err == nil && before.Changed != 0 && resume.StatOf(info) == before, err
}

func (o *opened) changed(format string, args ...any) error {
	return &SourceChangedError{Path: o.path, Reason: fmt.Sprintf(format, args...)}
}
