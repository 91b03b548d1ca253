package protocol

import "net/http"

// NoDraft drops the headers of the IETF's resumable upload draft, which this
// server does not offer, so that none of them has an effect.
func NoDraft(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Upload-Draft-Interop-Version", "Upload-Complete", "Upload-Incomplete"} {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}
