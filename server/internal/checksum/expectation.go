package checksum

import (
	"bytes"
	"context"
	"errors"
	"hash"
	"io"
	"net/http"
)

// ErrCutShort means that the body broke off, or was more than what was written:
// its checksum cannot be told. Why it did, whoever read the body knows.
var ErrCutShort = errors.New("checksum: the body did not come whole")

// Expectation is what the body of one request has to be. Write and Verify must
// not run at once.
type Expectation struct {
	want    sum         // of the header
	trailer http.Header // that the sum comes in; nil where it came in the header
	hashes  []hash.Hash // as algorithms; nil where not needed
	written int64

	read  int64 // how many bytes the body gave
	ended bool  // and that these were all
}

type key struct{}

// From returns the expectation that [Attach] put into ctx, nil if there is none.
func From(ctx context.Context) *Expectation {
	x, _ := ctx.Value(key{}).(*Expectation)
	return x
}

// Attach returns r with its [Expectation] in its context, and a body that tells
// it how it ends; r itself if it speaks of no checksum. It reads nothing of the
// body. Its errors are [ErrMalformed], [ErrAlgorithm] and [ErrNoTrailer].
func Attach(r *http.Request) (*http.Request, error) {
	x, err := expectation(r)
	if x == nil || err != nil {
		return r, err
	}
	attached := r.WithContext(context.WithValue(r.Context(), key{}, x))
	attached.Body = &body{r.Body, x}
	return attached, nil
}

func expectation(r *http.Request) (*Expectation, error) {
	values := r.Header.Values(Field)
	_, trails := r.Trailer[Field]
	switch {
	case len(values) > 0 && trails:
		return nil, ErrMalformed
	case len(values) > 0:
		want, err := parse(values)
		if err != nil {
			return nil, err
		}
		x := &Expectation{want: want, hashes: make([]hash.Hash, len(algorithms))}
		x.hashes[want.algorithm] = algorithms[want.algorithm].new()
		return x, nil
	case trails:
		// Its algorithm is known when all bytes are through.
		x := &Expectation{trailer: r.Trailer}
		for _, a := range algorithms {
			x.hashes = append(x.hashes, a.new())
		}
		return x, nil
	case announced(r.Header.Values("Trailer")):
		// net/http takes the header away where a trailer can come.
		return nil, ErrNoTrailer
	}
	return nil, nil
}

// Write implements io.Writer: it takes in the next bytes of the body. It never
// fails.
func (x *Expectation) Write(p []byte) (int, error) {
	for _, h := range x.hashes {
		if h != nil {
			h.Write(p)
		}
	}
	x.written += int64(len(p))
	return len(p), nil
}

// Verify says whether what was written is the whole body and has its checksum.
// It is called when the body has been read to its end. Its errors are
// [ErrCutShort], [ErrMismatch], and for a trailer [ErrMissing], [ErrMalformed]
// and [ErrAlgorithm].
func (x *Expectation) Verify() error {
	if !x.ended || x.read != x.written {
		return ErrCutShort
	}
	want := x.want
	if x.trailer != nil {
		values := x.trailer.Values(Field)
		if len(values) == 0 {
			return ErrMissing
		}
		var err error
		if want, err = parse(values); err != nil {
			return err
		}
	}
	if !bytes.Equal(x.hashes[want.algorithm].Sum(nil), want.bytes) {
		return ErrMismatch
	}
	return nil
}

// body notes how the reading of a request's body ends. tusd's handler does not
// tell: it turns every error into io.EOF before the store sees it.
type body struct {
	io.ReadCloser
	x *Expectation
}

// Read implements io.Reader. io.EOF from net/http's body means that all came that
// its Content-Length or its last chunk promised, and that the trailers are there.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.read += int64(n)
	if err == io.EOF {
		b.x.ended = true
	}
	return n, err
}
