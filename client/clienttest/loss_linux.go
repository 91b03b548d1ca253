package clienttest

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// anything is what a filter returns to let all of a packet pass.
const anything = 0xffffffff

// Lossy returns a Listener on a port of its own whose machine loses so many of
// 1,000 packets with data at random, so that they have to be sent again.
func Lossy(t testing.TB, permille uint32) *Listener {
	t.Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(false) // which takes no filters
	inner, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inner.Close() })
	// bpf(4), and random numbers from the kernel's extensions to it. Connections
	// have the filter of the socket that accepts them. Small packets, as those of
	// the handshake, all pass.
	const random = 0xfffff000 + 56
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_LEN},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: 1000, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: anything},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: random},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: 1000},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: permille, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: anything},
	}
	raw, err := inner.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	program := &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	failed := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, program)
	})
	if failed != nil || err != nil {
		t.Fatal(failed, err)
	}
	return &Listener{Listener: inner}
}
