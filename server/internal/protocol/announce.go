package protocol

import "net/http"

// Announce adds extensions to the Tus-Extension of the answers to OPTIONS: the
// ones that this server has and tusd's handler does not know of.
func Announce(extensions string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				beforeHeader(r, func(_ int, h http.Header) {
					if known := h.Get("Tus-Extension"); known != "" {
						h.Set("Tus-Extension", known+","+extensions)
					}
				})
			}
			next.ServeHTTP(w, r)
		})
	}
}
