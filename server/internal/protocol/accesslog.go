package protocol

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// AccessLog logs each request when it has been answered: at level debug, at level
// info when its client fell silent, and at level error, with what was kept from
// the client, when the server failed. No header and no query is logged: they hold
// credentials and names of files.
//
// It must come after [Answer].
func AccessLog(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			next.ServeHTTP(w, r)
			logRequest(log, r, time.Since(begun))
		})
	}
}

func logRequest(log *slog.Logger, r *http.Request, took time.Duration) {
	a, level, reason := answerOf(r), slog.LevelDebug, ""
	switch {
	case a.withheld() && a.failure().code == codeInternal:
		level, reason = slog.LevelError, a.words.String()
	case a.body != nil && timedOut(a.body.err):
		level, reason = slog.LevelInfo, "the client sent nothing for the network timeout"
	}
	log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", a.status),
		slog.Int64("sent", a.sent), slog.Duration("took", took), slog.String("from", r.RemoteAddr),
		slog.String("reason", reason))
}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
