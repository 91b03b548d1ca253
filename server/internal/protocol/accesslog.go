package protocol

import (
	"log/slog"
	"net/http"
	"time"
)

// AccessLog logs each request when it has been answered: at level debug, and at
// level error, with what was kept from the client, when the server failed. No
// header and no query is logged: they hold credentials and names of files.
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
	if a.withheld() && a.failure().code == codeInternal {
		level, reason = slog.LevelError, a.words.String()
	}
	log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", a.status),
		slog.Int64("sent", a.sent), slog.Duration("took", took), slog.String("from", r.RemoteAddr),
		slog.String("reason", reason))
}
