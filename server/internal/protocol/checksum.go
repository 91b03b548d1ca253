package protocol

import (
	"net/http"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
)

// Checksum holds what uploads bring to the Upload-Checksum that comes with it, as
// a header or as a trailer: the store finds in the context what the body has to
// be. A checksum that can be no checksum is refused with 400 before the body is
// read.
//
// See tus 1.0.0, "Checksum".
func Checksum(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodOptions:
			w.Header().Set("Tus-Checksum-Algorithm", checksum.Algorithms())
		case http.MethodPost, http.MethodPatch:
			attached, err := checksum.Attach(r)
			if refused(w, err) {
				return
			}
			r = attached
		}
		next.ServeHTTP(w, r)
	})
}
