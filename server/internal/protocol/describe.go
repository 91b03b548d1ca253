package protocol

import (
	"net/http"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// Describe adds to every answer about an upload what the store knows of it:
//
//   - Upload-Digest: crc32c=:BASE64:, the CRC-32C (4 bytes, big-endian) of the
//     bytes that the server holds, which are as many as Upload-Offset says, and
//     after it sha-256=:BASE64: where that was asked for. With it a client proves
//     that they are a prefix of what it is about to send. The form is that of the
//     digest fields of RFC 9530.
//   - Upload-Expires, when the upload dies unless more bytes arrive.
func Describe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		ctx := filestore.WithObserver(r.Context(), func(info filestore.Info) {
			header.Set("Upload-Digest", digest.Format(info.CRC32C, info.SHA256))
			if info.Expires.IsZero() {
				header.Del("Upload-Expires")
			} else {
				header.Set("Upload-Expires", info.Expires.UTC().Format(http.TimeFormat))
			}
		})
		ctx = filestore.WithHeaders(ctx, filestore.Headers{
			Metadata: r.Header.Get("Upload-Metadata"),
			Concat:   r.Header.Get("Upload-Concat"),
		})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
