package edge

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// requestIDHeader carries the id of a request from proxy to proxy, to the
// server, and back.
const requestIDHeader = "X-Request-Id"

// goodRequestID is what an id from outside may look like. Anything else could
// forge a line of the log.
var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._:@/+=-]{1,128}$`)

type requestIDKey struct{}

// RequestID gives each request an id: its X-Request-Id, or one made up when
// there is none or an odd one. The answer carries it, and so does every line
// logged with the request's context through [LogRequestID].
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r.Header.Get(requestIDHeader))
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// requestID returns given if it can be one, or another.
func requestID(given string) string {
	if goodRequestID.MatchString(given) {
		return given
	}
	return strings.ToLower(rand.Text())[:16] // 80 random bits
}

// RequestIDOf returns the id of the request whose context ctx is, or "".
func RequestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// LogRequestID returns a handler that passes records on to next, with the id of
// the request in whose context they were logged as "request".
func LogRequestID(next slog.Handler) slog.Handler { return requestIDHandler{next} }

type requestIDHandler struct{ slog.Handler }

func (h requestIDHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestIDOf(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestIDHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestIDHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestIDHandler) WithGroup(name string) slog.Handler {
	return requestIDHandler{h.Handler.WithGroup(name)}
}
