package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// way is how the steps of a case reach the store.
type way int

const (
	oneHandle way = iota
	newHandles
	restarts
)

func (w way) String() string {
	return [...]string{"one handle", "a handle for each step", "a restart before each step"}[w]
}

// starter opens a store for one case.
type starter func(t *testing.T) *bench

// bench is one store under test.
type bench struct {
	*testing.T
	suite    Suite
	way      way
	composer *handler.StoreComposer
}

func (s Suite) bench(t *testing.T, w way) *bench {
	t.Helper()
	return &bench{T: t, suite: s, way: w, composer: s.Open(t)}
}

// subject is one upload and what must be true of it.
type subject struct {
	*bench
	id      string
	handle  handler.Upload
	content []byte // that WriteChunk was given and counted
	want    handler.FileInfo
}

// create makes an upload and checks what it says of itself.
func (b *bench) create(info handler.FileInfo) *subject {
	b.Helper()
	u, err := b.composer.Core.NewUpload(b.Context(), info)
	if err != nil {
		b.Fatalf("NewUpload: %v", err)
	}
	got, err := u.GetInfo(b.Context())
	if err != nil {
		b.Fatalf("GetInfo of a new upload: %v", err)
	}
	if got.ID == "" {
		b.Fatal("a new upload has no id")
	}
	s := &subject{bench: b, id: got.ID, handle: u, want: info}
	s.check()
	return s
}

// sized makes an upload of a known length.
func (b *bench) sized(length int) *subject {
	b.Helper()
	return b.create(handler.FileInfo{Size: int64(length)})
}

// step begins the next step of a case.
func (b *bench) step() {
	b.Helper()
	if b.way == restarts {
		b.composer = b.suite.Reopen(b.T, b.composer)
	}
}

// upload begins the next step and is the way to the upload in it.
func (s *subject) upload() handler.Upload {
	s.Helper()
	s.step()
	if s.way != oneHandle {
		u, err := s.composer.Core.GetUpload(s.Context(), s.id)
		if err != nil {
			s.Fatalf("GetUpload: %v", err)
		}
		s.handle = u
	}
	return s.handle
}

// check compares what the upload says of itself with what was done to it.
func (s *subject) check() {
	s.Helper()
	got, err := s.upload().GetInfo(s.Context())
	if err != nil {
		s.Fatalf("GetInfo: %v", err)
	}
	if want := int64(len(s.content)); got.ID != s.id || got.Offset != want {
		s.Errorf("id %q, offset %d; want %q, %d", got.ID, got.Offset, s.id, want)
	}
	if got.SizeIsDeferred != s.want.SizeIsDeferred || !got.SizeIsDeferred && got.Size != s.want.Size {
		s.Errorf("length %d, deferred %v; want %d, %v", got.Size, got.SizeIsDeferred, s.want.Size, s.want.SizeIsDeferred)
	}
	if s.composer.UsesConcater && (got.IsPartial != s.want.IsPartial || got.IsFinal != s.want.IsFinal) {
		s.Errorf("partial %v, final %v; want %v, %v", got.IsPartial, got.IsFinal, s.want.IsPartial, s.want.IsFinal)
	}
	if len(got.MetaData) != len(s.want.MetaData) {
		s.Errorf("%d pairs of metadata, want %d", len(got.MetaData), len(s.want.MetaData))
	}
	for key, want := range s.want.MetaData {
		if value, ok := got.MetaData[key]; !ok || value != want {
			s.Errorf("metadata %.40q is %.40q (%v), want %.40q", key, value, ok, want)
		}
	}
}

// append sends p from src, which gives all of it before it ends with an error or
// without, and checks that all of it counts. It returns WriteChunk's error.
func (s *subject) append(p []byte, src io.Reader) error {
	s.Helper()
	n, err := s.upload().WriteChunk(s.Context(), int64(len(s.content)), src)
	if n != int64(len(p)) {
		s.Fatalf("WriteChunk = %d, %v; the source gave %d bytes", n, err, len(p))
	}
	s.content = append(s.content, p...)
	s.check()
	return err
}

// send appends p as an undisturbed request does. Like tusd's handler, it does
// not ask the store when the upload is complete.
func (s *subject) send(p []byte) {
	s.Helper()
	if len(p) == 0 && !s.want.SizeIsDeferred && s.want.Size == int64(len(s.content)) {
		return
	}
	if err := s.append(p, bytes.NewReader(p)); err != nil {
		s.Fatalf("WriteChunk: %v", err)
	}
}

// finish finishes the upload and checks that it reads back.
func (s *subject) finish() {
	s.Helper()
	if err := s.upload().FinishUpload(s.Context()); err != nil {
		s.Fatalf("FinishUpload: %v", err)
	}
	s.check()
	s.read()
}

// read checks that a finished upload reads back as what was sent.
func (s *subject) read() {
	s.Helper()
	got, err := readAll(s.Context(), s.upload())
	if err != nil {
		s.Fatalf("reading: %v", err)
	}
	if len(got) != len(s.content) || sha256.Sum256(got) != sha256.Sum256(s.content) {
		s.Errorf("%d bytes read, %d sent, and they differ", len(got), len(s.content))
	}
}

func readAll(ctx context.Context, u handler.Upload) ([]byte, error) {
	r, err := u.GetReader(ctx)
	if err != nil {
		return nil, err
	}
	p, err := io.ReadAll(r)
	return p, errors.Join(err, r.Close())
}

// gone checks that there is no such upload.
func (b *bench) gone(id string) {
	b.Helper()
	if u, err := b.composer.Core.GetUpload(b.Context(), id); !errors.Is(err, handler.ErrNotFound) {
		b.Errorf("GetUpload(%.60q) = %v, %v; want ErrNotFound", id, u, err)
	}
}

// pattern returns n bytes in which no place looks like another one nearby.
func pattern(n int) []byte {
	p := make([]byte, n)
	x := uint32(n) + 1
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}

// patience is how long a call may take that should take milliseconds.
const patience = 20 * time.Second

// soon fails the test when done is not closed in time.
func (b *bench) soon(done <-chan struct{}, what string) {
	b.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		b.Fatalf("%s did not return", what)
	}
}
