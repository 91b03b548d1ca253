package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/longhaul-io/longhaul/server/internal/protocol"
)

const (
	// A client that cannot send its headers in this time is not one.
	headerTimeout = 20 * time.Second
	idleTimeout   = 2 * time.Minute
	// stopTimeout is how long running requests may take to end when the server
	// stops. Uploads commit at once; it is for downloads and slow disks.
	stopTimeout = 8 * time.Second
	// receiveWindow is how many bytes an HTTP/2 client may send before the server
	// has told it that the first have arrived. Go's 1 MiB fills no long fat link:
	// at 100 ms there and back one upload gets 9 MB/s, and with this 131 (one run
	// of BenchmarkHTTP2, three uploads each, on two busy cores).
	receiveWindow = 16 << 20
)

// httpServer returns a server whose requests end with the context requests and
// hold running.
func (s *Server) httpServer(requests context.Context, running *sync.RWMutex) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if running.TryRLock() {
				defer running.RUnlock()
				if r.ContentLength != 0 {
					// For bodies that nobody reads, or not soon: net/http waits for their end.
					// Who reads one sets a deadline of his own.
					_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.NetworkTimeout))
				}
				s.handler.ServeHTTP(w, r)
			}
		}),
		Protocols:         s.protocols(),
		HTTP2:             &http.HTTP2Config{MaxReceiveBufferPerConnection: receiveWindow, MaxReceiveBufferPerStream: receiveWindow},
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    protocol.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
}

// protocols returns what the server speaks: HTTP/1.1, HTTP/2 over TLS, and HTTP/2
// without TLS where that is wanted.
func (s *Server) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(s.cfg.H2C)
	return p
}

// impatient is a listener whose clients must take what they are sent.
type impatient struct {
	net.Listener
	timeout time.Duration
}

// Accept implements net.Listener.
func (l impatient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		limitPatience(conn, l.timeout)
	}
	return conn, err
}

// listen serves connections of ln until srv is stopped.
func (s *Server) listen(srv *http.Server, ln net.Listener) error {
	ln = impatient{ln, s.cfg.NetworkTimeout}
	if s.cfg.MaxConnections > 0 {
		ln = netutil.LimitListener(ln, s.cfg.MaxConnections)
	}
	if s.cert == nil {
		return srv.Serve(ln)
	}
	srv.TLSConfig = &tls.Config{GetCertificate: s.cert.Get, MinVersion: tls.VersionTLS12}
	return srv.ServeTLS(ln, "", "")
}

// stop waits for the running requests, and cuts those that take too long. What
// they had acknowledged is on disk either way.
func stop(srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return srv.Close()
	}
	return err
}
