package protocol

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

type creationKey struct{}

// creation is what a POST creates.
type creation struct{ id string }

// Creation sees to it that whatever a POST creates is known to who sent it.
//
// The Location of a new upload is relative to the server, or begins with
// publicURL, which is empty or the URL, without a slash at its end, under which
// others reach the server. No header of the request has a say in it.
//
// When the body of a creation breaks off while its client may still be listening,
// because the server stops or the client has fallen silent, the answer is 201 with
// the offset up to which it came. An upload that is kept because its digest is not
// the announced one has its Location in the refusal. Else an upload whose creation
// is answered with an error is removed: nobody could ever find it.
func Creation(basePath, publicURL string, remove func(ctx context.Context, id string) error, log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		c := &creations{next: next, base: publicURL + basePath, remove: remove, log: log}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				c.serve(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// creations are the requests that create uploads.
type creations struct {
	next   http.Handler
	base   string // of the URLs of uploads
	remove func(ctx context.Context, id string) error
	log    *slog.Logger
}

func (c *creations) serve(w http.ResponseWriter, r *http.Request) {
	beforeHeader(r, func(status int, h http.Header) {
		if status == http.StatusCreated {
			h.Set("Location", c.base+path.Base(h.Get("Location")))
		}
	})
	created := new(creation)
	c.next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), creationKey{}, created)))
	a := answerOf(r)
	if created.id == "" || !a.withheld() || a.keeps(created.id, c.base) {
		return
	}
	if err := c.remove(context.WithoutCancel(r.Context()), created.id); err != nil {
		c.log.ErrorContext(r.Context(), "removing what a refused creation left", slog.String("id", created.id), slog.Any("err", err))
	}
	w.Header().Del("Upload-Expires") // of what is not there any more
}

// keeps reports whether the upload called id, whose URL begins with base, stays
// though its creation is answered with an error, and if so tells where it is.
func (a *answer) keeps(id, base string) bool {
	switch a.failure().code {
	case handler.ErrServerShutdown.ErrorCode, handler.ErrReadTimeout.ErrorCode:
		a.created(id)
		return true
	case filestore.ErrRejected.ErrorCode:
		a.Header().Set("Location", base+id)
		return true
	}
	return false
}

// created turns the error into the 201 of the upload called id, of which the store
// holds as many bytes as it was last seen to hold.
func (a *answer) created(id string) {
	a.status = 0
	a.words.Reset()
	h := a.Header()
	for _, name := range []string{"Content-Type", "Content-Length"} {
		h.Del(name)
	}
	h.Set("Location", id)
	h.Set("Upload-Offset", strconv.FormatInt(a.info.Offset, 10))
	a.WriteHeader(http.StatusCreated)
}
