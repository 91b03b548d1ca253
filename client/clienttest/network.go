package clienttest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Network is a network in memory with one server. Nothing in it waits for the
// operating system, so it works where time is not real.
type Network struct {
	dials  chan net.Conn
	closed chan struct{}
	close  sync.Once
}

// Serve starts handler on a network of its own and returns a transport that
// reaches it by any address. The test must call stop, which waits for it.
func Serve(t testing.TB, handler http.Handler) (transport *http.Transport, stop func()) {
	n := &Network{dials: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = server.Serve(n)
	}()
	transport = &http.Transport{DialContext: n.dial, ExpectContinueTimeout: 1e9}
	return transport, func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-gone
	}
}

func (n *Network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case n.dials <- far:
		return near, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case c := <-n.dials:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *Network) Close() error {
	n.close.Do(func() { close(n.closed) })
	return nil
}

// Addr implements net.Listener.
func (n *Network) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }
