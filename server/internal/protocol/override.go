package protocol

import "net/http"

// Override makes X-HTTP-Method-Override the method of the request, whatever the
// real one was. It must come before everything that looks at the method, so
// that nothing is allowed for one method and then done by another.
//
// See tus 1.0.0, "X-HTTP-Method-Override".
func Override(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if method := r.Header.Get("X-HTTP-Method-Override"); method != "" {
			r.Method = method
			r.Header.Del("X-HTTP-Method-Override")
		}
		next.ServeHTTP(w, r)
	})
}
