package download

import (
	"io"
	"math"
	"net/http"
	"sync"
	"time"
)

// piece is how many bytes a client must take within the timeout: 64 KiB in a
// minute is what no link in use is slower than.
const piece = 64 << 10

// sender is the ResponseWriter of a file that is being sent. A client that takes
// nothing for the timeout is given up, one that is slow is not: each piece has a
// deadline of its own. The file goes by way of ReadFrom where the kernel sends it.
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
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.timeout))
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
