package server

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// limitPatience has the kernel break conn off when its client has taken nothing of
// what it is sent for the timeout: it acknowledges nothing, or its window stays shut.
// Only the kernel can tell: what it has taken from us it may send for minutes.
//
//	setsockopt(TCP_USER_TIMEOUT), see tcp(7) and RFC 5482
func limitPatience(conn net.Conn, timeout time.Duration) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := tcp.SyscallConn(); err == nil {
		// Without it there is the longer limit of package download.
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(timeout.Milliseconds()))
		})
	}
}
