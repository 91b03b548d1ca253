// Package download serves finished files. It waits for no lock, so that readers
// disturb neither each other nor an upload.
package download

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// Store is where finished files come from.
type Store interface {
	Open(ctx context.Context, id string) (io.ReadSeekCloser, filestore.Info, error)
}

// Handler answers GET of the upload whose id is chi's URL parameter "id": 200,
// 206 or 304 with the file if it is finished, 409 if it is not, 404 if there is
// none, 410 if it expired or its file was moved away or changed, 422 if it is not
// the file that was announced.
//
// The 409 tells the offset if no request is busy with the upload (unfinished.go). A
// client that takes nothing for long is given up (send.go).
func Handler(store Store, locker *takeover.Locker, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, info, err := open(r.Context(), store, locker, chi.URLParam(r, "id"))
		if err != nil {
			protocol.WriteError(w, err)
			return
		}
		defer f.Close()
		describe(w.Header(), info)
		w.Header().Set("Cache-Control", "private, no-cache")
		to := newSender(w, timeout)
		defer context.AfterFunc(r.Context(), func() {
			if context.Cause(r.Context()) == takeover.ErrStopping {
				to.hangUp()
			}
		})()
		tidyRange(r, info.Offset)
		http.ServeContent(to, r, "", info.Modified, f)
	})
}

// Describe returns what adds to h, which is that of an answer to HEAD, what a GET
// of the upload called id would say of its file, and reports whether there is one
// to be got.
func Describe(store Store) func(ctx context.Context, id string, h http.Header) bool {
	return func(ctx context.Context, id string, h http.Header) bool {
		f, info, err := store.Open(ctx, id)
		if err != nil {
			return false
		}
		describe(h, info)
		_ = f.Close() // nothing was written to it
		return true
	}
}
