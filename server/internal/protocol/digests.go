package protocol

import (
	"context"
	"errors"
	"net/http"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// Digests tells the store what a creation wants, and announces, of the digests of
// the whole file (RFC 9530):
//
//   - Want-Repr-Digest: sha-256=N asks for the SHA-256 of the upload, if N is not
//     0, beside its CRC-32C.
//   - Repr-Digest: sha-256=:BASE64:, or crc32c, or both, announces what the file
//     is. One that turns out to be another is not published.
//
// A creation with a field that cannot be read is refused with 400.
func Digests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		ctx, err := withWish(r)
		if refused(w, err) {
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func withWish(r *http.Request) (context.Context, error) {
	announced, reprErr := digest.ParseRepr(r.Header.Values("Repr-Digest"))
	wantSHA256, wantErr := digest.ParseWant(r.Header.Values("Want-Repr-Digest"))
	ctx := filestore.WithWish(r.Context(), filestore.Wish{SHA256: wantSHA256, Announced: announced})
	return ctx, errors.Join(reprErr, wantErr)
}
