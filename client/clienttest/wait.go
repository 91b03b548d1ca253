package clienttest

import (
	"net"
	"testing"
	"time"
)

// FreeAddr returns an address, host:port, where nothing listens, for a program that
// cannot choose a port of its own.
func FreeAddr(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Listens waits until something listens at addr. If nothing does the test fails
// with what the program said.
func Listens(t testing.TB, addr string, said func() string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("nothing listens at %s: %s", addr, said())
}
