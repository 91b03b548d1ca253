package protocol

import "net/http"

// Announce adds extensions to the Tus-Extension of the answers to OPTIONS: the
// ones that this server has and tusd's handler does not know of.
func Announce(extensions string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				w = &announcer{w, extensions}
			}
			next.ServeHTTP(w, r)
		})
	}
}

type announcer struct {
	http.ResponseWriter
	extensions string
}

func (a *announcer) WriteHeader(status int) {
	if known := a.Header().Get("Tus-Extension"); known != "" {
		a.Header().Set("Tus-Extension", known+","+a.extensions)
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *announcer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
