package download

import (
	"io"
	"math"
	"net/http"
	"sync"
	"time"
)

// A client must take a piece within so many timeouts. That is long, because a
// deadline sees not what the client takes but what the kernel does, in steps of a
// third of all that it holds: over a link of 8 KiB/s one takes minutes. On Linux the
// kernel itself breaks connections off whose clients take nothing for one timeout;
// this is for other systems, and for streams of HTTP/2 that nobody reads while their
// connection goes on.
const (
	piece    = 64 << 10
	patience = 30
)

// sender is the ResponseWriter of a file that is being sent. A client that takes
// nothing is given up, one that is slow is not: each piece has a deadline of its own.
// The file goes by way of ReadFrom where the kernel sends it.
type sender struct {
	http.ResponseWriter
	conn    *http.ResponseController
	timeout time.Duration

	mu    sync.Mutex
	ended bool // it was hung up
}

func newSender(w http.ResponseWriter, timeout time.Duration) *sender {
	return &sender{ResponseWriter: w, conn: http.NewResponseController(w), timeout: timeout}
}

// extend gives the next piece its time, and what net/http has buffered at the end;
// the next request begins without a deadline.
func (s *sender) extend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		// Without deadlines, on a writer that is not net/http's, there is no end.
		_ = s.conn.SetWriteDeadline(time.Now().Add(patience * s.timeout))
	}
}

// hangUp ends the answer. A download can be resumed, so it need not keep a stopping
// server waiting.
func (s *sender) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	_ = s.conn.SetWriteDeadline(time.Now())
}

// Write implements http.ResponseWriter.
func (s *sender) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var wrote int
		s.extend()
		wrote, err = s.ResponseWriter.Write(p[:min(len(p), piece)])
		n, p = n+wrote, p[wrote:]
	}
	return n, err
}

// ReadFrom implements io.ReaderFrom. It looks into what [http.ServeContent] wraps
// around a file, or the kernel would not be asked.
func (s *sender) ReadFrom(r io.Reader) (n int64, err error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	for limited.N > 0 && err == nil {
		var wrote int64
		s.extend()
		wrote, err = io.CopyN(s.ResponseWriter, limited.R, min(piece, limited.N))
		n, limited.N = n+wrote, limited.N-wrote
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}
