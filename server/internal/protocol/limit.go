package protocol

import (
	"net/http"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Limit refuses with 413 whatever would make an upload larger than maxSize
// bytes: a declared length at any time, a body that announces too much, and a
// body that announces nothing and goes on. 0 means that there is no limit.
//
// See tus 1.0.0, "Tus-Max-Size".
func Limit(maxSize int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if maxSize <= 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			length, _ := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
			// A missing or malformed offset counts as 0 here; the handler
			// refuses it, and one that is not the upload's, without reading.
			offset, _ := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
			room := max(maxSize-max(offset, 0), 0)
			if length > maxSize || r.ContentLength > room {
				WriteError(w, r, handler.ErrMaxSizeExceeded)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, room)
			next.ServeHTTP(w, r)
		})
	}
}
