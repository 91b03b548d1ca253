package server_test

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// distant returns an address from which the one at addr is so far away that a
// byte and its answer take 100 ms.
func distant(b *testing.B, addr string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	type piece struct {
		due  time.Time
		data []byte
	}
	carry := func(to, from net.Conn) {
		link := make(chan piece, 1<<16)
		go func() {
			defer close(link)
			for {
				data := make([]byte, 64<<10)
				n, err := from.Read(data)
				if n > 0 {
					link <- piece{time.Now().Add(50 * time.Millisecond), data[:n]}
				}
				if err != nil {
					return
				}
			}
		}()
		for p := range link {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); err != nil {
				break
			}
		}
		to.Close()
		from.Close()
	}
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", addr)
			if err != nil {
				near.Close()
				return
			}
			go carry(far, near)
			go carry(near, far)
		}
	}()
	return ln.Addr().String()
}

// BenchmarkHTTP2 sends one upload over HTTP/2 to a server that is 100 ms away there
// and back: to this one, and to one that takes in bytes with Go's own windows.
//
//	go test -run '^$' -bench HTTP2 -benchtime 3x ./server
func BenchmarkHTTP2(b *testing.B) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	send := func(b *testing.B, addr string, size int64) {
		c := &http.Client{Transport: &http.Transport{Protocols: protocols}}
		defer c.CloseIdleConnections()
		b.SetBytes(size)
		for b.Loop() {
			req, err := http.NewRequest("POST", "http://"+addr+"/files/", io.LimitReader(zeros{}, size))
			if err != nil {
				b.Fatal(err)
			}
			req.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Defer-Length": {"1"}, "Content-Type": {"application/offset+octet-stream"}}
			resp, err := c.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusCreated {
				b.Fatal(resp.Status)
			}
		}
	}
	b.Run("longhaul", func(b *testing.B) {
		srv, err := server.New(server.Config{DataDir: b.TempDir(), H2C: true, Durability: "off"})
		if err != nil {
			b.Fatal(err)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- srv.Serve(b.Context(), ln) }()
		b.Cleanup(func() { <-done })
		send(b, distant(b, ln.Addr().String()), 96<<20)
	})
	b.Run("defaults", func(b *testing.B) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		discard := &http.Server{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusCreated)
		})}
		go func() { _ = discard.Serve(ln) }()
		b.Cleanup(func() { discard.Close() })
		send(b, distant(b, ln.Addr().String()), 12<<20)
	})
}
