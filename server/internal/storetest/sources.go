package storetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

var errSource = errors.New("the source is broken")

// sources sends from readers that do what an io.Reader may, and network
// connections do.
func (s Suite) sources(t *testing.T, start starter) {
	size := s.Buffer + 100
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"half of what is asked": iotest.HalfReader,
		"data with the end":     iotest.DataErrReader,
		"nothing now and then":  func(r io.Reader) io.Reader { return &hesitant{Reader: r} },
		"data with a late end":  func(r io.Reader) io.Reader { return io.MultiReader(r, bytes.NewReader(nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			u, content := start(t).sized(2*size), pattern(2*size)
			for _, p := range [][]byte{content[:size], content[size:]} {
				if err := u.append(p, wrap(bytes.NewReader(p))); err != nil {
					t.Fatalf("WriteChunk: %v", err)
				}
			}
			u.finish()
		})
	}
	t.Run("one byte at a time", func(t *testing.T) {
		u, p := start(t).sized(1000), pattern(1000)
		if err := u.append(p, iotest.OneByteReader(bytes.NewReader(p))); err != nil {
			t.Fatalf("WriteChunk: %v", err)
		}
		u.finish()
	})
	for name, end := range map[string]func(io.Reader) io.Reader{
		"fails on the way": func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(errSource)) },
		"fails together with data": func(r io.Reader) io.Reader {
			return iotest.DataErrReader(io.MultiReader(r, iotest.ErrReader(errSource)))
		},
		"ends in the middle":          func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(io.ErrUnexpectedEOF)) },
		"closes early without a word": func(r io.Reader) io.Reader { return r },
	} {
		for _, before := range []int{0, 1, s.Buffer, size} {
			t.Run(name, func(t *testing.T) {
				u, content := start(t).sized(2*size), pattern(2*size)
				// Whether a broken source is an error of the store is for the
				// store to say; that its bytes count is not.
				_ = u.append(content[:before], end(bytes.NewReader(content[:before])))
				u.send(content[before:])
				u.finish()
			})
		}
	}
	t.Run("request ends while reading blocks", func(t *testing.T) { s.interrupted(start(t)) })
}

// interrupted lets the request of a running chunk end, which makes its body
// return an error, and goes on in another.
func (s Suite) interrupted(b *bench) {
	size := s.Buffer + 100
	u, content := b.sized(2*size), pattern(2*size)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	src := &stalling{data: bytes.NewReader(content[:size]), ctx: ctx, stalled: make(chan struct{})}
	handle, done := u.upload(), make(chan struct{})
	var n int64
	go func() {
		defer close(done)
		n, _ = handle.WriteChunk(ctx, 0, src)
	}()
	b.soon(src.stalled, "reading the source")
	cancel()
	b.soon(done, "WriteChunk")
	if n != int64(size) {
		b.Fatalf("WriteChunk = %d; the source gave %d bytes", n, size)
	}
	u.content = content[:size:size]
	u.check()
	u.send(content[size:])
	u.finish()
}

// hesitant returns no bytes and no error before every read that gives some.
type hesitant struct {
	io.Reader
	ready bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.ready = !h.ready
	if h.ready {
		return 0, nil
	}
	return h.Reader.Read(p)
}

// stalling gives data and then nothing until ctx is done.
type stalling struct {
	data    io.Reader
	ctx     context.Context
	stalled chan struct{} // closed when all data was given
}

func (s *stalling) Read(p []byte) (int, error) {
	n, err := s.data.Read(p)
	if err != io.EOF {
		return n, err
	}
	close(s.stalled)
	<-s.ctx.Done()
	return 0, context.Cause(s.ctx)
}
