package protocol

import (
	"math"
	"net/http"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Limit refuses with 413, before anything is done, whatever would make an upload
// larger than maxSize bytes (0 means that there is no such limit) or larger than
// the length that the same request declares: a length, a body that announces too
// much. A body that announces nothing is cut off at the limit.
//
// See tus 1.0.0, "Tus-Max-Size".
func Limit(maxSize int64) func(http.Handler) http.Handler {
	if maxSize <= 0 {
		maxSize = math.MaxInt64
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A missing or malformed number counts as none here; the handler
			// refuses it, and an offset that is not the upload's, unread.
			offset, _ := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
			room := max(maxSize-max(offset, 0), 0)
			if r.ContentLength > room {
				WriteError(w, handler.ErrMaxSizeExceeded)
				return
			}
			if length, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64); err == nil {
				if length > maxSize {
					WriteError(w, handler.ErrMaxSizeExceeded)
					return
				}
				if r.ContentLength > 0 && r.ContentLength > length-max(offset, 0) {
					WriteError(w, handler.ErrSizeExceeded)
					return
				}
			}
			r.Body = http.MaxBytesReader(w, r.Body, room)
			next.ServeHTTP(w, r)
		})
	}
}
