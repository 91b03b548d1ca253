package clienttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
)

// Kind is a way to break a request.
type Kind int

// The ways to break a request.
const (
	Refuse      Kind = iota // nobody listens
	Cut                     // the connection breaks after Fault.After bytes of the body; more was read, and is lost
	Stall                   // nothing moves any more after that many
	Lose                    // the request is carried out and its answer lost
	CutAnswer               // the answer breaks after Fault.After bytes of its body
	StallAnswer             // nothing comes any more after that many
	Answer                  // somebody on the way answers with Fault.Status and Fault.Header
	Reset                   // of a Listener: the server's machine says that there is no such connection
	Shrink                  // of a Listener: its window shrinks, and what still moves trickles
)

// Fault breaks one request.
type Fault struct {
	Method string // of the request
	Skip   int    // how many requests with this method pass before
	Kind   Kind
	After  int64
	Status int
	Header http.Header
	Body   string
}

// Faults passes requests on to Base and breaks those that Plan names, each entry
// once, in order. It is safe for concurrent use after Plan was set.
type Faults struct {
	Base http.RoundTripper
	Plan []Fault

	mu   sync.Mutex
	seen map[string]int
}

// Left returns the faults that have not happened.
func (f *Faults) Left() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.Plan
}

// RoundTrip implements http.RoundTripper.
func (f *Faults) RoundTrip(req *http.Request) (*http.Response, error) {
	fault, broken := f.next(req.Method)
	if !broken {
		return f.Base.RoundTrip(req)
	}
	switch fault.Kind {
	case Cut, Stall:
		req = req.Clone(req.Context())
		req.Body = &brokenBody{ReadCloser: req.Body, left: fault.After, stall: fault.Kind == Stall, done: req.Context().Done()}
		return f.Base.RoundTrip(req)
	case Lose:
		res, err := f.Base.RoundTrip(req)
		if err == nil {
			res.Body.Close()
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	case CutAnswer, StallAnswer:
		res, err := f.Base.RoundTrip(req)
		if err == nil {
			res.Body = &brokenAnswer{ReadCloser: res.Body, left: fault.After, stall: fault.Kind == StallAnswer, done: req.Context()}
		}
		return res, err
	}
	if req.Body != nil {
		req.Body.Close()
	}
	if fault.Kind == Refuse {
		return nil, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	}
	return fault.answer(req), nil
}

func (f *Faults) next(method string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[string]int{}
	}
	count := f.seen[method]
	f.seen[method]++
	for i, fault := range f.Plan {
		if fault.Method == method && count >= fault.Skip {
			f.Plan = append(f.Plan[:i:i], f.Plan[i+1:]...)
			return fault, true
		}
	}
	return Fault{}, false
}

func (f Fault) answer(req *http.Request) *http.Response {
	header := f.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: f.Status, Header: header, Request: req, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(f.Body)), ContentLength: int64(len(f.Body)),
	}
}

var errCut = errors.New("connection cut")

// readAhead is what a broken body reads beyond what arrives, in bytes, as the
// buffers of a connection do.
const readAhead = 40_000

type brokenBody struct {
	io.ReadCloser
	left  int64
	stall bool
	done  <-chan struct{}
}

func (b *brokenBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		_, _ = io.CopyN(io.Discard, b.ReadCloser, readAhead)
		if b.stall {
			<-b.done
		}
		return 0, errCut
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

type brokenAnswer struct {
	io.ReadCloser
	left  int64
	stall bool
	done  context.Context
}

func (b *brokenAnswer) Read(p []byte) (int, error) {
	switch {
	case b.left > 0:
		n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
		b.left -= int64(n)
		return n, err
	case b.stall:
		<-b.done.Done()
		return 0, b.done.Err()
	}
	return 0, errCut
}
