package clienttest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy passes TCP connections on to a server and breaks them on demand.
type Proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	cuts  int
	after int64
	hold  bool
	rate  int64
	delay time.Duration
	conns map[net.Conn]bool
	wait  sync.WaitGroup
}

// NewProxy starts a proxy on a port of its own to target (host:port). It ends
// with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: target, conns: map[net.Conn]bool{}}
	p.wait.Go(p.accept)
	t.Cleanup(p.Close)
	return p
}

// Addr returns the proxy's address, host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// CutAfter cuts each of the next times connections once it has passed after
// bytes to the server.
func (p *Proxy) CutAfter(after int64, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.cuts, p.hold = after, times, false
}

// HoldAfter lets each connection pass after bytes to the server and swallows the
// rest. CutAfter ends that for connections to come.
func (p *Proxy) HoldAfter(after int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.cuts, p.hold = after, 0, true
}

// Limit lets every connection pass at most rate bytes a second to the server. 0
// means as many as go.
func (p *Proxy) Limit(rate int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Delay lets everything on connections to come arrive d later, in either
// direction: a round trip takes 2 d longer, and as much is on its way as there
// are bytes.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Close breaks all connections and waits until everything has ended.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		c.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	p.wait.Wait()
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wait.Go(func() { p.pass(near) })
	}
}

func (p *Proxy) pass(near net.Conn) {
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		near.Close()
		return
	}
	if !p.own(near, far) {
		return
	}
	defer p.disown(near, far)
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	var back sync.WaitGroup
	back.Go(func() {
		late := newLate(near, delay)
		_, _ = io.Copy(late, far)
		late.Close()
		near.Close()
	})
	late := newLate(far, delay)
	p.forward(late, near)
	late.Close()
	far.Close()
	back.Wait()
}

// forward copies until the connection ends or is to be broken.
func (p *Proxy) forward(far io.Writer, near net.Conn) {
	buffer := make([]byte, 16<<10)
	for passed := int64(0); ; {
		n, err := near.Read(buffer)
		p.pace(n)
		allowed, hold := p.judge(passed, int64(n))
		if _, failed := far.Write(buffer[:allowed]); failed != nil {
			return
		}
		passed += allowed
		if hold {
			// Only reading on tells when the client goes away.
			_, _ = io.Copy(io.Discard, near)
			return
		}
		if err != nil || allowed < int64(n) {
			return
		}
	}
}

// pace takes as long as n bytes do at the limited rate.
func (p *Proxy) pace(n int) {
	p.mu.Lock()
	rate := p.rate
	p.mu.Unlock()
	if rate > 0 {
		time.Sleep(time.Duration(n) * time.Second / time.Duration(rate))
	}
}

func (p *Proxy) judge(passed, n int64) (allowed int64, hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cuts == 0 && !p.hold || passed+n < p.after {
		return n, false
	}
	if p.hold {
		return max(0, p.after-passed), true
	}
	p.cuts--
	return max(0, p.after-passed), false
}

func (p *Proxy) own(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.conns == nil {
			c.Close()
			continue
		}
		p.conns[c] = true
	}
	return p.conns != nil
}

func (p *Proxy) disown(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}
