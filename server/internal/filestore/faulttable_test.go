package filestore

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

type operation struct {
	name    string
	prepare func(w *world)
	act     func(w *world) error
	after   func(w *world) // what must be so, or be done, after the restart
	server  bool           // the error is for the server's log, not for a client
}

// operations are what the store is asked to do while one call fails. act says
// what the client was answered.
var operations = []operation{
	{
		name: "create",
		act:  func(w *world) error { return w.create(handler.FileInfo{Size: int64(len(content))}) },
	},
	{
		name: "create and finish an empty file",
		act: func(w *world) error {
			if err := w.create(handler.FileInfo{}); err != nil {
				return err
			}
			return w.with(w.finish)
		},
	},
	{
		name: "write",
		prepare: func(w *world) {
			w.unfinished(2)
			// What an earlier request wrote and did not commit is cut off first.
			appendTo(w.T, filepath.Join(w.dir, dataPath(w.id)), "left over, longer than the rest")
		},
		act: func(w *world) error { return w.with(func(u *upload) error { return w.write(u, 7) }) },
	},
	{
		name:    "write with commits on the way",
		prepare: func(w *world) { w.unfinished(0) },
		act:     func(w *world) error { return w.with(func(u *upload) error { return w.writeSlowly(u, 7) }) },
	},
	{
		name:    "write with a checksum",
		prepare: func(w *world) { w.unfinished(2) },
		act:     func(w *world) error { return w.with(func(u *upload) error { return w.writeHeld(u, 7, content[2:7]) }) },
	},
	{
		// Whatever fails, and whenever the process or the machine ends, not a byte
		// of the chunk counts.
		name:    "write with a wrong checksum",
		prepare: func(w *world) { w.unfinished(2) },
		act: func(w *world) error {
			return w.with(func(u *upload) error {
				err := w.writeHeld(u, 7, "what was meant")
				if w.offset != 2 {
					w.Errorf("told %d, want 2", w.offset)
				}
				if errors.Is(err, checksum.ErrMismatch) {
					return nil
				}
				return err
			})
		},
		after: func(w *world) {
			// All is there if the client went on.
			if u := w.get(); u.rec.Offset != 2 && u.rec.Offset != int64(len(content)) {
				w.Errorf("offset %d, want 2", u.rec.Offset)
			}
		},
	},
	{
		name: "write a large body",
		prepare: func(w *world) {
			w.content = large[:speedUpAfter+durable.BlockSize+7]
			w.unfinished(2)
		},
		act: func(w *world) error { return w.with(func(u *upload) error { return w.write(u, len(w.content)-1) }) },
	},
	{
		name:    "declare the length",
		prepare: func(w *world) { w.growing(5) },
		act: func(w *world) error {
			return w.with(func(u *upload) error { return w.declare(u, int64(len(content))) })
		},
	},
	{
		name:    "declare the length at the end",
		prepare: func(w *world) { w.growing(5) },
		act: func(w *world) error {
			return w.with(func(u *upload) error {
				if err := w.declare(u, 5); err != nil {
					return err
				}
				return w.finish(u)
			})
		},
	},
	{
		name:    "write the end and finish",
		prepare: func(w *world) { w.unfinished(5) },
		act:     func(w *world) error { return w.toTheEnd() },
	},
	{
		name:    "write the end of what was not announced",
		prepare: func(w *world) { w.wrong = true; w.unfinished(5) },
		act:     (*world).toTheEnd,
		after:   (*world).stillWrong,
	},
	{
		name:    "declare the length of what was not announced",
		prepare: func(w *world) { w.wrong = true; w.growing(5) },
		act: func(w *world) error {
			return w.with(func(u *upload) error {
				if err := w.declare(u, 5); err != nil {
					return err
				}
				return w.finish(u)
			})
		},
		after: (*world).stillWrong,
	},
	{
		name:    "terminate a rejected upload",
		prepare: func(w *world) { w.wrong = true; w.complete() },
		act:     func(w *world) error { return w.with(w.terminate) },
		after:   (*world).terminateAgain,
	},
	{
		name:    "finish when the name was taken meanwhile",
		prepare: func(w *world) { w.complete(); w.takeName() },
		act:     func(w *world) error { return w.with(w.finish) },
	},
	{
		name: "finish into directories",
		prepare: func(w *world) {
			w.path = "x/y/name.bin"
			w.complete()
		},
		act: func(w *world) error { return w.with(w.finish) },
	},
	{
		name: "finish into directories, one of whose names was taken meanwhile",
		prepare: func(w *world) {
			w.path = "x/y/name.bin"
			w.complete()
			w.foreign = map[string]string{"x": "other"}
			w.prepared(os.WriteFile(filepath.Join(w.dir, "files", "x"), []byte("other"), 0o600))
		},
		act: func(w *world) error { return w.with(w.finish) },
	},
	{
		name:    "terminate unfinished",
		prepare: func(w *world) { w.unfinished(5) },
		act:     func(w *world) error { return w.with(w.terminate) },
		after:   (*world).terminateAgain,
	},
	{
		name:    "terminate without room for another name",
		prepare: func(w *world) { w.unfinished(5) },
		act: func(w *world) error {
			w.disk.failing, w.disk.with = "link to uploads/*.removed", syscall.ENOSPC
			return w.with(w.terminate)
		},
		after: (*world).terminateAgain,
	},
	{
		name:    "terminate finished",
		prepare: func(w *world) { w.complete(); w.get() },
		act:     func(w *world) error { return w.with(w.terminate) },
		after:   (*world).terminateAgain,
	},
	{
		name:    "sweep",
		prepare: (*world).expired,
		act:     (*world).sweep,
		after:   (*world).sweepAgain,
		server:  true,
	},
}

func (w *world) prepared(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// unfinished has an upload of content of which n bytes are there.
func (w *world) unfinished(n int) {
	w.Helper()
	w.prepared(w.create(handler.FileInfo{Size: int64(len(w.content))}))
	w.prepared(w.write(w.get(), n))
}

// growing is unfinished without a length.
func (w *world) growing(n int) {
	w.Helper()
	w.prepared(w.create(handler.FileInfo{SizeIsDeferred: true}))
	w.prepared(w.write(w.get(), n))
}

// complete has an upload whose bytes are all there, and no name.
func (w *world) complete() {
	w.Helper()
	w.prepared(w.create(handler.FileInfo{Size: int64(len(w.content))}))
	w.prepared(w.write(w.get(), len(w.content)))
}

// expired has an upload whose time is up, while that of the bystander is not.
func (w *world) expired() {
	w.Helper()
	w.unfinished(5)
	w.now = w.now.Add(2 * time.Hour)
	u := &upload{store: w.store}
	var err error
	u.rec, err = w.store.load(w.bystander)
	w.prepared(err)
	_, err = u.WriteChunk(w.Context(), 0, strings.NewReader("a"))
	w.prepared(err)
}

// takeName puts a file in the way of the upload's.
func (w *world) takeName() {
	w.Helper()
	w.foreign = map[string]string{"name.bin": "other"}
	w.prepared(os.WriteFile(filepath.Join(w.dir, "files", "name.bin"), []byte("other"), 0o600))
}

// with loads the upload, as each request does first, and does more with it.
func (w *world) with(do func(*upload) error) error {
	u, err := w.store.GetUpload(w.ctx(), w.id)
	if err != nil {
		return err
	}
	return do(u.(*upload))
}

// writeSlowly writes to the given offset from a source that takes so long for
// each byte that the store commits it before the next.
func (w *world) writeSlowly(u *upload, to int) error {
	n, err := u.WriteChunk(w.ctx(), 0, slowly(content[:to]))
	w.offset = max(w.offset, n)
	return err
}

// writeHeld writes to the given offset what came with the checksum of sumOf.
func (w *world) writeHeld(u *upload, to int, sumOf string) error {
	from := u.rec.Offset
	ctx, src := held(w.T, w.ctx(), strings.NewReader(content[from:to]), sha256Of(sumOf))
	n, err := u.WriteChunk(ctx, from, src)
	w.offset = max(w.offset, from+n)
	if n > 0 && from+n != int64(to) {
		w.Errorf("WriteChunk took %d bytes of %d that count together", n, int64(to)-from)
	}
	return err
}

// slowly gives three bytes at a time, and takes for them as long as the store
// goes without a commit.
func slowly(text string) io.Reader { return &slow{strings.NewReader(text)} }

type slow struct{ text *strings.Reader }

func (s *slow) Read(p []byte) (int, error) {
	time.Sleep(commitAfter)
	return s.text.Read(p[:min(3, len(p))])
}

// terminateAgain is what an uploader does who was not told that it worked.
func (w *world) terminateAgain() {
	w.Helper()
	u, err := w.store.GetUpload(w.Context(), w.id)
	if err == nil && w.gone {
		w.Error("terminated, and back")
	}
	if err == nil {
		err = w.terminate(u.(*upload))
	}
	if err != nil && !isNotFound(err) {
		w.Errorf("terminating again: %v", err)
	}
	w.gone = true
}

// stillWrong checks that nobody is told of an upload whose bytes are all there and
// not those that were announced, but that it is rejected.
func (w *world) stillWrong() {
	w.Helper()
	u := w.get()
	if !u.rec.whole() {
		return
	}
	if _, err := u.GetInfo(w.Context()); !errors.Is(err, ErrRejected) {
		w.Errorf("GetInfo: %v, want ErrRejected", err)
	}
	if _, _, err := w.store.Open(w.Context(), w.id); !errors.Is(err, ErrRejected) {
		w.Errorf("Open: %v, want ErrRejected", err)
	}
}

// sweepAgain is the next sweep, which leaves nothing of what has expired.
func (w *world) sweepAgain() {
	w.Helper()
	if err := w.sweep(); err != nil {
		w.Errorf("sweeping again: %v", err)
	}
	w.gone = true
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// isGone reports whether err says that the upload, or a part of it, is on its way
// out.
func isGone(err error) bool {
	return isNotFound(err) || errors.Is(err, ErrExpired) || errors.Is(err, ErrMoved) || errors.Is(err, ErrPartTaken) || errors.Is(err, ErrPartNotFound)
}
