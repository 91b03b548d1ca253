package clienttest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

const (
	// stallTime is for how long nothing is read of what stalls, until the server has
	// enough of it.
	stallTime = time.Second
	// trickle is how many bytes are read in a millisecond when the window shrank.
	trickle = 16 << 10
)

// Break breaks one connection. Kind is one of Cut, Reset, Stall, Lose and Shrink.
type Break struct {
	Kind  Kind
	After int64 // bytes that come from the client before; of Lose, at least
}

// Listener is that of a server which breaks the connections that it accepts, as
// far as they bring so many bytes: each entry of Plan one of them, in order. It
// is safe for concurrent use after Plan was set.
type Listener struct {
	net.Listener
	Plan []Break

	mu sync.Mutex
}

// Listen returns a Listener on a port of its own, which ends with the test.
func Listen(t testing.TB, plan ...Break) *Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return &Listener{Listener: listener, Plan: plan}
}

// Left returns what has not happened.
func (l *Listener) Left() []Break {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Plan
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &breaking{TCPConn: c.(*net.TCPConn), listener: l}, nil
}

// due takes the next entry of the plan if a connection that brought so many bytes
// is to be broken by it, and tells how many it may bring until then.
func (l *Listener) due(brought int64) (b Break, room int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.Plan) == 0 {
		return Break{}, 1 << 62
	}
	if b = l.Plan[0]; brought < b.After {
		return Break{}, b.After - brought
	}
	l.Plan = l.Plan[1:]
	return b, 0
}

// whole is the state of a connection that is not broken: none can be refused any
// more.
const whole = Refuse

// breaking is a connection of a Listener.
type breaking struct {
	*net.TCPConn
	listener *Listener
	brought  int64 // by the client; Read's own

	mu     sync.Mutex
	broken Kind
}

// Read implements net.Conn.
func (c *breaking) Read(p []byte) (int, error) {
	if c.state() == whole && len(p) > 0 {
		b, room := c.listener.due(c.brought)
		if room > 0 {
			p = p[:min(int64(len(p)), room)]
		} else if err := c.become(b.Kind); err != nil {
			return 0, err
		}
	}
	switch c.state() {
	case Stall:
		time.Sleep(stallTime)
		c.TCPConn.Close()
		return 0, net.ErrClosed
	case Shrink:
		time.Sleep(time.Millisecond)
		p = p[:min(len(p), trickle)]
	}
	n, err := c.TCPConn.Read(p)
	c.brought += int64(n)
	return n, err
}

// become breaks the connection.
func (c *breaking) become(kind Kind) error {
	c.mu.Lock()
	c.broken = kind
	c.mu.Unlock()
	switch kind {
	case Reset:
		_ = c.SetLinger(0)
		c.TCPConn.Close()
		return net.ErrClosed
	case Cut:
		c.TCPConn.Close()
		return io.ErrUnexpectedEOF
	case Shrink:
		// The kernel takes back nothing of what it offered, but offers no more. Less
		// than this the peer's would wait for, since packets here are that large.
		return c.SetReadBuffer(4 * trickle)
	}
	return nil
}

func (c *breaking) state() Kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// Write implements net.Conn. What a connection answers that is to lose its answer
// is nothing.
func (c *breaking) Write(p []byte) (int, error) {
	if c.state() == Lose {
		c.TCPConn.Close()
		return 0, net.ErrClosed
	}
	return c.TCPConn.Write(p)
}

// ReadFrom implements io.ReaderFrom by Write.
func (c *breaking) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// WriteTo implements io.WriterTo by Read.
func (c *breaking) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}
