package protocol

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// hangUp says that the rest of the request's body is not wanted: the answer goes
// out at once, and then the connection is closed without reading on, but late
// enough for the client to read the answer. It must come before the header of the
// answer.
//
// Only http.MaxBytesReader can ask net/http for that, through net/http's own
// writer, so one is given more than it may read. A server that speaks HTTP/2 ends
// the stream instead.
func hangUp(w http.ResponseWriter) {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = wrapper.Unwrap()
	}
	tooLong := io.NopCloser(strings.NewReader("x"))
	_, _ = http.MaxBytesReader(w, tooLong, 0).Read(make([]byte, 1))
	_ = http.NewResponseController(w).SetReadDeadline(time.Now())
}
