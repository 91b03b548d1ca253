package client

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// Source is what an Upload sends. Make one with File, ReaderAt or Reader.
type Source struct {
	open func(grows bool) (*opened, error)
}

// ReaderAt is the first size bytes of r, which must not change while they are
// sent; unlike with File nobody notices. Its resume record is kept under name:
// a later Upload of the same name to the same endpoint goes on, after it has read
// again, and compared, what the server holds. With an empty name there is no
// record. The name's last element is the upload's "filename" unless
// Options.Metadata has one.
func ReaderAt(name string, r io.ReaderAt, size int64) Source {
	return Source{func(grows bool) (*opened, error) {
		if size < 0 {
			return nil, fmt.Errorf("source %q has a negative size", name)
		}
		o := &opened{ReaderAt: r, name: name, before: resume.Stat{Size: size}, grows: grows}
		if name != "" {
			o.key = nameKey(name)
		}
		return o, nil
	}}
}

// Reader is all that r yields until io.EOF, which may take as long as it likes.
// Of what was read, 16 MiB at most are in memory: r waits when the server falls
// behind. What the server has acknowledged is not kept, so the upload survives
// everything but the end of its Upload call, and Options.Append is refused.
//
// The server must support creation-defer-length, unless r ends before anything is
// sent. An error of r ends the Upload with that error and leaves the upload
// unfinished. name becomes "filename", as with ReaderAt.
//
// The Source is for one Upload, which reads in a goroutine of its own and closes
// r when it returns, if r is an io.Closer. A Read that is running then, and that
// Close does not end, may return later; what it reads is lost.
func Reader(name string, r io.Reader) Source {
	return Source{func(bool) (*opened, error) {
		s := newStream(r)
		return &opened{ReaderAt: s, name: name, stream: s}, nil
	}}
}

// nameKey is the key of the resume record of a source that is no file. No
// absolute path is like this.
func nameKey(name string) string { return "name:" + name }

// opened is a source that is being sent.
type opened struct {
	io.ReaderAt
	name   string      // what errors call it; the absolute path of a file
	key    string      // of its resume record; empty if it has none
	file   *os.File    // nil if it is none
	stream *stream     // nil if it is none
	before resume.Stat // when the push began; Size is what will be sent
	grows  bool        // growth is no change: the upload is open
}

func (s Source) start(grows bool) (*opened, error) {
	if s.open == nil {
		return nil, errors.New("the source is none: make one with File, ReaderAt or Reader")
	}
	return s.open(grows)
}

func (o *opened) close() {
	switch {
	case o.file != nil:
		o.file.Close()
	case o.stream != nil:
		o.stream.stop()
	}
}

func (o *opened) changed(format string, args ...any) error {
	return &SourceChangedError{Path: o.name, Reason: fmt.Sprintf(format, args...)}
}
