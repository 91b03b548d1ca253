package protocol

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Recover answers a request whose handler panics with 500 and logs the panic.
// When the answer has begun already, it breaks the connection off instead, so
// that what was sent is not taken for the whole.
//
// It must come after [Answer].
func Recover(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				reason := recover()
				if reason == nil {
					return
				}
				if reason == http.ErrAbortHandler {
					panic(reason)
				}
				log.ErrorContext(r.Context(), "panic", slog.Any("reason", reason), slog.String("stack", string(debug.Stack())))
				a := answerOf(r)
				if a.status != 0 && !a.withheld() {
					panic(http.ErrAbortHandler)
				}
				a.status = 0
				a.words.Reset()
				WriteError(w, handler.NewError(codeInternal, "the server could not do this; its log says why", http.StatusInternalServerError))
			}()
			next.ServeHTTP(w, r)
		})
	}
}
