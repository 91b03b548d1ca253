package protocol

import (
	"net/http"

	"github.com/longhaul-io/longhaul/server/internal/edge"
)

// CORS returns what pages of the given origins may send to a tus server and read
// in its answers.
func CORS(origins []string) edge.CORS {
	return edge.CORS{
		Origins: origins,
		Methods: append([]string{http.MethodPost}, methods(true)...),
		Headers: []string{
			"Accept", "Authorization", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Range",
			"Repr-Digest", "Tus-Resumable", "Upload-Checksum", "Upload-Concat", "Upload-Defer-Length", "Upload-Length",
			"Upload-Metadata", "Upload-Offset", "Want-Repr-Digest", "X-HTTP-Method-Override", "X-Request-Id", "X-Requested-With",
		},
		Exposed: []string{
			"Accept-Ranges", "Allow", "Content-Disposition", "Content-Length", "Content-Range", "ETag", "Last-Modified", "Location", "Repr-Digest",
			"Retry-After", "Tus-Checksum-Algorithm", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version",
			"Upload-Concat", "Upload-Defer-Length", "Upload-Digest", "Upload-Expires", "Upload-Length", "Upload-Metadata",
			"Upload-Offset", "WWW-Authenticate", "X-Request-Id",
		},
	}
}
