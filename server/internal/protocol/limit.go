package protocol

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Limit refuses with 413, before anything is done, whatever would make an upload
// larger than maxSize bytes (0 means that there is no such limit) or larger than
// the length that the same request declares: a length, a body that announces too
// much. That of a PATCH is known when [Guard] has looked at its upload. A body that
// announces nothing ends in an error when it turns out to be
// too long, before its last byte completes the upload.
//
// See tus 1.0.0, "Tus-Max-Size".
func Limit(maxSize int64) func(http.Handler) http.Handler {
	if maxSize <= 0 {
		maxSize = math.MaxInt64
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost && r.Method != http.MethodPatch {
				next.ServeHTTP(w, r)
				return
			}
			length := integerOf(r, "Upload-Length", math.MaxInt64)
			if r.Header.Get("Upload-Length") != "" && length > maxSize {
				WriteError(w, handler.ErrMaxSizeExceeded)
				return
			}
			a := &appending{header: r.Header, contentLength: r.ContentLength, maxSize: maxSize, body: &bounded{ReadCloser: r.Body}}
			answerOf(r).body = a.body
			if r.Method == http.MethodPost {
				if refused(w, a.fits(length, 0)) {
					return
				}
			} else {
				a.offset = integerOf(r, "Upload-Offset", 0)
				r = r.WithContext(context.WithValue(r.Context(), appendingKey{}, a))
			}
			r.Body = a.body
			next.ServeHTTP(w, r)
		})
	}
}

// bounded is a body that ends in an error when more than room bytes come. It then
// keeps back the last byte that there is room for, so that a body that is too long
// never completes an upload.
type bounded struct {
	io.ReadCloser
	room    int64
	tooLong handler.Error
	err     error // what all further reads return
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if int64(len(p)) > b.room {
		p = p[:max(b.room, 1)]
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case int64(n) > b.room: // there was no room at all
		n, err = 0, b.tooLong
	case err == nil && int64(n) == b.room && b.more(&err):
		n, err = n-1, b.tooLong
	}
	b.room -= int64(n)
	b.err = clientError(err)
	return n, b.err
}

// clientError leaves the errors of a body that tusd's handler knows as they are:
// its own, its end, timeouts and resets. Whatever else is wrong with a body is the
// client's fault as well, malformed chunks and streams that end early, and none of
// the server's.
func clientError(err error) error {
	var known handler.Error
	var network net.Error
	if err == nil || err == io.EOF || err == http.ErrBodyReadAfterClose || errors.As(err, &known) || errors.As(err, &network) {
		return err
	}
	return handler.ErrUnexpectedEOF
}

// more waits for what comes after the last byte that there is room for, and
// reports whether that is another byte. err becomes what comes instead.
func (b *bounded) more(err *error) bool {
	var next [1]byte
	for {
		n, readErr := b.ReadCloser.Read(next[:])
		if n > 0 || readErr != nil {
			*err = readErr
			return n > 0
		}
	}
}
