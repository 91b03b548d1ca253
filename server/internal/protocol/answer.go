package protocol

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// maxFailure is how much of the words of a failure is kept, in bytes.
const maxFailure = 1 << 10

// Answer gives every answer to a request under basePath the form that a tus
// server's has, whoever gave it: Tus-Resumable, and errors in the one shape that
// [WriteError] has. It must come before everything that may answer. Answers to
// other requests pass as they are.
//
// The writer that it hands on has Unwrap, so that deadlines can be set and the
// connection be closed through it.
func Answer(basePath string) func(http.Handler) http.Handler {
	if !strings.HasPrefix(basePath, "/") || !strings.HasSuffix(basePath, "/") {
		panic("protocol: base path without slashes: " + basePath)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := &answer{ResponseWriter: w, ours: strings.HasPrefix(r.URL.Path+"/", basePath)}
			if a.ours {
				w.Header().Set("Tus-Resumable", version)
				w.Header().Set("X-Content-Type-Options", "nosniff")
			}
			r = r.WithContext(context.WithValue(r.Context(), answerKey{}, a))
			next.ServeHTTP(a, r)
			_, isUpload := idOf(r, basePath)
			a.finish(r, isUpload)
		})
	}
}

// answer is the ResponseWriter of a request. It withholds an error until the
// handler has ended, since it gets a shape of ours; everything else passes.
type answer struct {
	http.ResponseWriter
	ours   bool // under the base path
	status int  // 0 until one was chosen
	sent   int64
	words  bytes.Buffer   // of the error that is withheld
	body   *bounded       // of the request; nil if nothing bounded it
	info   filestore.Info // the upload as the store last saw it, or nothing
	hooks  []func(status int, h http.Header)
	shaped bool // the error has got its last shape
}

type answerKey struct{}

func answerOf(r *http.Request) *answer { return r.Context().Value(answerKey{}).(*answer) }

// beforeHeader has hook called before the header of the answer to r goes out, with
// the status it has. What the hook changes in it counts.
func beforeHeader(r *http.Request, hook func(status int, h http.Header)) {
	a := answerOf(r)
	a.hooks = append(a.hooks, hook)
}

func (a *answer) withheld() bool { return a.ours && a.status >= 400 && !a.shaped }

// finish sends the error that was withheld, if there is one. isUpload says whether
// the URL is that of an upload, or the one where uploads are created.
func (a *answer) finish(r *http.Request, isUpload bool) {
	if a.withheld() {
		err := a.failure()
		if r.ContentLength != 0 && (a.body == nil || a.body.err != io.EOF) {
			hangUp(a)
		}
		if err.status == http.StatusMethodNotAllowed {
			a.Header().Set("Allow", strings.Join(methods(isUpload), ", "))
		}
		a.status, a.shaped = 0, true
		err.writeTo(a, r)
	}
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	switch {
	case status < 200:
		a.ResponseWriter.WriteHeader(status)
		return
	case a.status != 0:
		return
	}
	a.status = status
	if a.withheld() {
		return
	}
	for _, hook := range a.hooks {
		hook(status, a.Header())
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.withheld() {
		a.words.Write(p[:min(len(p), maxFailure-a.words.Len())])
		return len(p), nil
	}
	n, err := a.ResponseWriter.Write(p)
	a.sent += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom, so that net/http can have the kernel send a
// file.
func (a *answer) ReadFrom(r io.Reader) (int64, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.withheld() {
		return io.Copy(struct{ io.Writer }{a}, r)
	}
	n, err := io.Copy(a.ResponseWriter, r)
	a.sent += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
