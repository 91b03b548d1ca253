package client

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent asks the kernel for the length of the send queue (tcp(7), SIOCOUTQ).
func unsent(raw syscall.RawConn) int64 {
	queued, err := 0, error(nil)
	if failed := raw.Control(func(fd uintptr) { queued, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); failed != nil || err != nil {
		return 0
	}
	return int64(max(0, queued))
}

// trafficOf asks the kernel what it counted (tcp(7), TCP_INFO; Linux 4.19).
func trafficOf(raw syscall.RawConn) (t traffic) {
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			t = traffic{info.Bytes_sent, info.Bytes_retrans, info.Total_retrans}
		}
	})
	return t
}
