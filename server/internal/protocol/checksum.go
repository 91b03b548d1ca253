package protocol

import (
	"errors"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"

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
			var refusal handler.Error
			var err error
			if r, err = checksum.Attach(r); errors.As(err, &refusal) {
				WriteError(w, refusal)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
