package storetest

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
)

// held returns a context and a source as the server gives them to a store when a
// request came with the SHA-1 of sumOf: how the body ended, the source hides.
func (s *subject) held(src io.Reader, sumOf []byte) (context.Context, io.Reader) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPatch, "/", src)
	if err != nil {
		s.Fatal(err)
	}
	sum := sha1.Sum(sumOf)
	r.Header.Set(checksum.Field, "sha1 "+base64.StdEncoding.EncodeToString(sum[:]))
	if r, err = checksum.Attach(r); err != nil {
		s.Fatal(err)
	}
	return r.Context(), quiet{r.Body}
}

// quiet ends as tusd's reader of bodies does: without a word, whatever happened.
type quiet struct{ io.Reader }

func (q quiet) Read(p []byte) (int, error) {
	n, err := q.Reader.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// rejected sends from src what does not have the SHA-1 of sumOf, of which nothing
// may count.
func (s *subject) rejected(src io.Reader, sumOf []byte) error {
	s.Helper()
	ctx, body := s.held(src, sumOf)
	n, err := s.upload().WriteChunk(ctx, int64(len(s.content)), body)
	if n != 0 {
		s.Errorf("WriteChunk = %d, %v; nothing of the chunk should count", n, err)
	}
	s.check()
	return err
}

// checksums sends chunks that have their checksum, and chunks that do not, of the
// sizes at which stores slip.
func (s Suite) checksums(t *testing.T, start starter) {
	for _, size := range []int{0, 1, s.Buffer - 1, s.Buffer, s.Buffer + 1, 3*s.Buffer + 7} {
		t.Run(fmt.Sprintf("of %d bytes", size), func(t *testing.T) {
			content := pattern(size + 5)
			u := start(t).sized(len(content))
			u.send(content[:2])
			chunk := content[2 : 2+size]
			wrong := append(bytes.Clone(chunk), '!')
			if err := u.rejected(bytes.NewReader(chunk), wrong); !errors.Is(err, checksum.ErrMismatch) {
				t.Errorf("WriteChunk: %v, want ErrMismatch", err)
			}
			// Of what is wrong with its body, the store does not know to tell.
			_ = u.rejected(io.MultiReader(bytes.NewReader(chunk), iotest.ErrReader(errSource)), chunk)
			_ = u.rejected(io.MultiReader(bytes.NewReader(chunk), iotest.ErrReader(io.ErrUnexpectedEOF)), chunk)

			ctx, body := u.held(iotest.HalfReader(bytes.NewReader(chunk)), chunk)
			if n, err := u.upload().WriteChunk(ctx, 2, body); n != int64(size) || err != nil {
				t.Fatalf("WriteChunk = %d, %v; want %d", n, err, size)
			}
			u.content = append(u.content, chunk...)
			u.check()
			u.send(content[2+size:])
			u.finish()
		})
	}
	t.Run("of the last bytes", func(t *testing.T) {
		content := pattern(s.Buffer)
		u := start(t).sized(len(content))
		if err := u.rejected(bytes.NewReader(pattern(s.Buffer)), content[1:]); !errors.Is(err, checksum.ErrMismatch) {
			t.Errorf("WriteChunk: %v, want ErrMismatch", err)
		}
		u.send(content)
		u.finish()
	})
	t.Run("of what is shorter than the one before", func(t *testing.T) {
		u := start(t).deferredOrSized(3)
		_ = u.rejected(bytes.NewReader([]byte("longer than the next")), nil)
		u.send([]byte("abc"))
		if u.want.SizeIsDeferred {
			u.declared(3)
		}
		u.finish()
	})
}

// deferredOrSized makes an upload whose length is not known yet, if the store can.
func (b *bench) deferredOrSized(length int) *subject {
	b.Helper()
	if b.composer.UsesLengthDeferrer {
		return b.deferred()
	}
	return b.sized(length)
}
