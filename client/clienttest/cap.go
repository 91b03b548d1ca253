package clienttest

import (
	"io"
	"net/http"
	"sync"
	"syscall"
)

// Cap is a proxy that takes in the whole body of a request before it passes the
// request on, and has room for Most bytes. It is safe for concurrent use.
type Cap struct {
	Base http.RoundTripper
	Most int64
	// Reset breaks the connection of a larger request where the room ends.
	// Otherwise the request is answered with 413 before its body is read.
	Reset bool

	mu      sync.Mutex
	refused int
}

// Refused returns how many requests were too large.
func (c *Cap) Refused() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// RoundTrip implements http.RoundTripper.
func (c *Cap) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.ContentLength >= 0 && req.ContentLength <= c.Most {
		return c.Base.RoundTrip(req)
	}
	c.mu.Lock()
	c.refused++
	c.mu.Unlock()
	if c.Reset {
		_, _ = io.CopyN(io.Discard, req.Body, c.Most)
		req.Body.Close()
		return nil, syscall.ECONNRESET
	}
	req.Body.Close()
	return Fault{Status: http.StatusRequestEntityTooLarge}.answer(req), nil
}
