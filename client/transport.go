package client

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// newSender copies base, or makes a client of our own, so that it follows no
// redirect and waits as long as an upload takes.
func newSender(base *http.Client, secure *tls.Config) *http.Client {
	sender := http.Client{}
	if base != nil {
		sender = *base
	}
	switch {
	case base == nil:
		sender.Transport = newTransport(secure)
	case sender.Transport == nil:
		sender.Transport = http.DefaultTransport
	}
	sender.Transport = plainOptions{sender.Transport}
	sender.Timeout = 0
	sender.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &sender
}

// idleConns is how many connections are kept for the next requests: more than
// anybody has uploads running at once. The default of net/http, two, makes the
// others of many small uploads connect again and again.
const idleConns = 1024

// newTransport speaks HTTP/1.1 only: an upload fills a connection of its own,
// and one shared by several would be bound by HTTP/2's small windows.
func newTransport(secure *tls.Config) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dial,
		Protocols:             &protocols,
		TLSClientConfig:       secure.Clone(),
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   idleConns,
	}
}

// plainOptions leaves Tus-Resumable out of OPTIONS requests, as tus demands;
// go-tus adds it to all.
type plainOptions struct{ base http.RoundTripper }

func (p plainOptions) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodOptions {
		req = req.Clone(req.Context())
		req.Header.Del("Tus-Resumable")
	}
	return p.base.RoundTrip(req)
}

// CloseIdleConnections passes the call of http.Client on.
func (p plainOptions) CloseIdleConnections() {
	if base, ok := p.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// sameOrigin is the rule for what may see credentials (RFC 6454, section 5).
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

var dialer = net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	raw, err := dialer.DialContext(ctx, network, address)
	if tcp, ok := raw.(*net.TCPConn); ok {
		return &conn{tcp}, err
	}
	return raw, err
}

// conn is a TCP connection that takes large bodies in large writes (net/http
// copies 32 KiB at a time).
type conn struct{ *net.TCPConn }

// copyBuffers hold 256 KiB: larger ones do not get faster, and fall out of the
// processor's cache before their sum is taken.
var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// ReadFrom implements io.ReaderFrom.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	// This is what net/http makes of a body of known length.
	if limited, ok := r.(*io.LimitedReader); ok {
		if b, ok := limited.R.(*body); ok && b.raw {
			n, err := b.sendTo(c.TCPConn, limited.N)
			limited.N -= n
			return n, err
		}
	}
	buffer := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buffer)
	return io.CopyBuffer(struct{ io.Writer }{c.TCPConn}, r, *buffer)
}

// rawConn is what the system knows nc by, or nil.
func rawConn(nc net.Conn) syscall.RawConn {
	if secure, ok := nc.(*tls.Conn); ok {
		nc = secure.NetConn()
	}
	c, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// unsentOn returns how many of the bytes written to a connection the peer's
// machine has not acknowledged. It is 0 where that cannot be known.
func unsentOn(nc net.Conn) int64 {
	if raw := rawConn(nc); raw != nil {
		return unsent(raw)
	}
	return 0
}
