package client

import "golang.org/x/sys/unix"

// unsent asks the kernel for the length of the send queue (tcp(7), SIOCOUTQ).
func (c *conn) unsent() int64 {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	queued := 0
	if err := raw.Control(func(fd uintptr) { queued, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil {
		return 0
	}
	return int64(max(0, queued))
}
