package protocol

import (
	"context"
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
//     It goes with an offset: an answer without one has it only where an upload is
//     created.
//   - Repr-Digest (RFC 9530), the same where the file is there: in the answer that
//     finishes it and in those to HEAD.
//   - Upload-Expires, when the upload dies unless more bytes arrive.
//   - in answers to HEAD, Upload-Metadata and Upload-Concat to the byte as the
//     creation had them, and of a complete upload what content adds: what a GET
//     would say. content reports whether there is something to be got.
//
// It must come before [Strict], which rewrites headers.
func Describe(content func(ctx context.Context, id string, h http.Header) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return describe(content, next) }
}

func describe(content func(ctx context.Context, id string, h http.Header) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, a := w.Header(), answerOf(r)
		ctx := filestore.WithObserver(r.Context(), func(info filestore.Info) {
			a.info = info
			header.Set("Upload-Digest", digest.Format(info.CRC32C, info.SHA256))
			if info.Expires.IsZero() {
				header.Del("Upload-Expires")
			} else {
				header.Set("Upload-Expires", info.Expires.UTC().Format(http.TimeFormat))
			}
		})
		beforeHeader(r, func(status int, h http.Header) {
			if a.info.Pending {
				unknown(h)
			}
			switch {
			case status >= 400:
				h.Del("Repr-Digest") // what is sent then are words, not the file
			case a.info.Complete && r.Method != http.MethodDelete:
				h.Set("Repr-Digest", h.Get("Upload-Digest"))
			}
			if h.Get("Upload-Offset") == "" && status != http.StatusCreated {
				h.Del("Upload-Digest")
			}
		})
		ctx = filestore.WithHeaders(ctx, filestore.Headers{
			Metadata: r.Header.Get("Upload-Metadata"),
			Concat:   r.Header.Get("Upload-Concat"),
		})
		if r.Method == http.MethodHead {
			beforeHeader(r, func(status int, h http.Header) {
				if status == http.StatusOK {
					describeHead(h, a.info)
					if !a.info.Complete || !content(r.Context(), a.info.ID, h) {
						h.Del("Content-Length") // of what a GET does not answer with
					}
				}
			})
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// unknown takes back what is said of the offset of a final upload some of whose
// parts are not complete, and of a length that follows from them: tusd's handler
// has no other way to say nothing.
//
// See tus 1.0.0, "Concatenation".
func unknown(h http.Header) {
	for _, name := range []string{"Upload-Offset", "Upload-Digest", "Upload-Defer-Length"} {
		h.Del(name)
	}
}

func describeHead(h http.Header, info filestore.Info) {
	for name, value := range map[string]string{"Upload-Metadata": info.Headers.Metadata, "Upload-Concat": info.Headers.Concat} {
		h.Del(name)
		if value != "" {
			h.Set(name, value)
		}
	}
}
