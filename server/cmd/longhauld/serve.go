package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/dustin/go-humanize"

	"github.com/longhaul-io/longhaul/server"
)

// serve runs the server until ctx is done.
func serve(ctx context.Context, set settings, stdout, stderr io.Writer) error {
	set.server.Log = newLogger(set, stderr)
	ln, err := net.Listen("tcp", set.listen) // first: it leaves nothing behind
	if err != nil {
		return listenError(err, set)
	}
	srv, err := server.New(set.server)
	if err != nil {
		_ = ln.Close()
		return startError(err, set)
	}
	welcome(stdout, set, srv, ln.Addr())
	return srv.Serve(ctx, ln)
}

func newLogger(set settings, stderr io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: set.logLevel, ReplaceAttr: onOneLine}
	if set.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(stderr, options))
	}
	return slog.New(slog.NewTextHandler(stderr, options))
}

// onOneLine writes errors that were joined as explain does.
func onOneLine(_ []string, a slog.Attr) slog.Attr {
	if err, ok := a.Value.Any().(error); ok {
		return slog.String(a.Key, oneLine(err))
	}
	return a
}

// welcome says where everything is and what to try first. Nobody may be reading.
func welcome(w io.Writer, set settings, srv *server.Server, addr net.Addr) {
	page, others := reachable(addr, set.scheme())
	endpoint := page + set.server.BasePath
	limit := "no limit"
	if set.server.MaxSize > 0 {
		limit = "uploads up to " + humanize.IBytes(uint64(set.server.MaxSize))
	}
	fmt.Fprintf(w, `longhauld %s, %s
listening on %s%s
storing in %s
finished files in %s
try: longhaul push FILE %s
  or: curl -X POST -H 'Tus-Resumable: 1.0.0' -H 'Content-Type: application/offset+octet-stream' -H "Upload-Length: $(wc -c <FILE)" -T FILE %s
`, versionString(), limit, page, others, srv.DataDir(), srv.FilesDir(), endpoint, strings.TrimSuffix(endpoint, "/"))
}

// reachable returns the URL by which somebody on this machine reaches addr, and
// words on whether others do too.
func reachable(addr net.Addr, scheme string) (url, others string) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return scheme + "://" + addr.String(), ""
	}
	return fmt.Sprintf("%s://127.0.0.1:%d", scheme, tcp.Port), " and on every other address of this machine"
}

func startError(err error, set settings) error {
	dir := set.server.DataDir
	switch {
	case errors.Is(err, server.ErrDataDirInUse):
		return hint("stop the other longhauld, or name another directory with --data", "%w", err)
	case errors.Is(err, server.ErrNoLinks):
		return hint("name a directory on a filesystem that has hard links with --data", "%w", err)
	case errors.Is(err, server.ErrCertificate):
		return hint("--tls-cert and --tls-key name PEM files that the server's user can read", "%w", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return hint(fmt.Sprintf("make %s writable for user id %d, or name another directory with --data", dir, os.Getuid()), "%w", err)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return hint("name a directory with --data", "%w", err)
	case errors.Is(err, syscall.ENOSPC):
		return hint("free some space, or name another directory with --data", "%w", err)
	}
	return err
}

func sweepError(err error, set settings) error {
	switch {
	case errors.Is(err, server.ErrDataDirInUse):
		return hint("the longhauld that runs there sweeps by itself", "%w", err)
	case errors.Is(err, server.ErrNoDataDir):
		return hint("name the directory of the server with --data", "%w", err)
	}
	return startError(err, set)
}

func listenError(err error, set settings) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return hint("name another address with --listen, or port 0 for any free port", "%s is in use by another program", set.listen)
	case errors.Is(err, fs.ErrPermission):
		return hint("ports below 1024 are for root; name another with --listen", "listening on %s: %w", set.listen, err)
	}
	return usage("an address is HOST:PORT, as 127.0.0.1:8080", "cannot listen on %q: %w", set.listen, err)
}
