package protocol

import (
	"io"
	"net/http"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"
)

// WriteError answers with err: its status and headers, "CODE: sentence" as the
// body, and the headers that every answer of a tus server has.
func WriteError(w http.ResponseWriter, r *http.Request, err handler.Error) {
	h := w.Header()
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	for key, value := range err.HTTPResponse.Header {
		h.Set(key, value)
	}
	h.Set("Content-Length", strconv.Itoa(len(err.HTTPResponse.Body)))
	w.WriteHeader(err.HTTPResponse.StatusCode)
	if r.Method != http.MethodHead {
		// A client that is gone cannot be told so.
		_, _ = io.WriteString(w, err.HTTPResponse.Body)
	}
}
