package protocol

import "net/http"

// Override makes X-HTTP-Method-Override the method of the request, whatever the
// real one was. It must come before everything that looks at the method, so
// that nothing is allowed for one method and then done by another, and after
// [Answer].
//
// See tus 1.0.0, "X-HTTP-Method-Override".
func Override(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const name = "X-Http-Method-Override"
		method := r.Header.Get(name)
		if method == "" {
			next.ServeHTTP(w, r)
			return
		}
		if refused(w, checkRepeated(r)) {
			return
		}
		if method == http.MethodHead && r.Method != method {
			// The answer to the real method has a body, an empty one.
			beforeHeader(r, func(_ int, h http.Header) { h.Del("Content-Length") })
		}
		r.Header.Del(name)
		r.Method = method // of the copy that Answer made: net/http answers the real one
		next.ServeHTTP(w, r)
	})
}
