package takeover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// hang serves fn under Middleware to a request whose body never comes, and
// returns what reading it ended with.
func hang(t *testing.T, fn func(r *http.Request)) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	srv := httptest.NewServer(Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fn(r)
		// As tusd's handler does when it sets out to read.
		if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		_, err := io.ReadAll(r.Body)
		ended <- err
	})))
	t.Cleanup(srv.Close)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprint(conn, "PATCH / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nbegin")
	return ended
}

func within(t *testing.T, what string, ch <-chan error) error {
	t.Helper()
	select {
	case err := <-ch:
		return err
	case <-time.After(10 * time.Second):
		t.Fatalf("%s took more than 10 s", what)
		return nil
	}
}

// Whoever asks for a lock gets it from a request that hangs, also when that has
// not begun to read.
func TestLockFromHangingRequest(t *testing.T) {
	for _, moment := range []string{"before the body is read", "while the body is read"} {
		t.Run(moment, func(t *testing.T) {
			var locker Locker
			asked, locked := make(chan struct{}), make(chan struct{})
			ended := hang(t, func(r *http.Request) {
				k, _ := locker.NewLock("id")
				if err := k.Lock(r.Context(), nil); err != nil {
					t.Error(err)
				}
				context.AfterFunc(r.Context(), func() { _ = k.Unlock() })
				close(locked)
				if moment == "before the body is read" {
					<-asked
				}
			})
			<-locked
			got := make(chan error, 1)
			go func() {
				k, _ := locker.NewLock("id")
				got <- k.Lock(context.Background(), nil)
			}()
			if moment == "before the body is read" {
				for !interrupted(&locker) {
					time.Sleep(time.Millisecond)
				}
				close(asked)
			}
			if err := within(t, "ending the old request", ended); !errors.Is(err, handler.ErrUploadInterrupted) {
				t.Errorf("the old request's body ended with %v", err)
			}
			if err := within(t, "locking", got); err != nil {
				t.Error(err)
			}
		})
	}
}

func interrupted(l *Locker) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held["id"].body.reason.Load() != nil
}

// An interruption that comes when the request has just ended leaves the connection
// alone: another request may be on it by now.
func TestInterruptedTooLate(t *testing.T) {
	bodies := make(chan *body, 2)
	srv := httptest.NewServer(Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bodies <- r.Context().Value(bodyKey{}).(*body)
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
	})))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i := range 2 {
		fmt.Fprint(conn, "PATCH / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello")
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("request %d got no answer: %v", i+1, err)
		}
		resp.Body.Close()
		(<-bodies).interrupt(handler.ErrUploadInterrupted)
	}
}

// A request that is wanted off its lock when its body has ended, or that never had
// one, leaves the next request on its connection alone.
func TestNextRequestOnTheConnection(t *testing.T) {
	for _, first := range []string{
		"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n",
		"PATCH / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello",
	} {
		requests := 0
		srv := httptest.NewServer(Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
			if requests++; requests > 1 {
				if err := r.Context().Err(); err != nil {
					t.Errorf("after %q the context of the next request was over: %v", first, err)
				}
				return
			}
			r.Context().Value(bodyKey{}).(*body).interrupt(handler.ErrUploadInterrupted)
			// What net/http does when it takes the client for gone, it does at once,
			// or never: this is the time it is given.
			select {
			case <-r.Context().Done():
				t.Errorf("%q was cancelled", first)
			case <-time.After(20 * time.Millisecond):
			}
		})))
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		for _, request := range []string{first, "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n"} {
			fmt.Fprint(conn, request)
			resp, err := http.ReadResponse(in, &http.Request{Method: http.MethodHead})
			if err != nil {
				t.Fatalf("%q got no answer: %v", request, err)
			}
			resp.Body.Close()
		}
		conn.Close()
		srv.Close()
	}
}

// ending is a body that is wanted off its lock just before it ends.
type ending struct {
	io.ReadCloser
	request *http.Request
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if err == io.EOF {
		e.request.Context().Value(bodyKey{}).(*body).interrupt(handler.ErrUploadInterrupted)
	}
	return n, err
}

// Where it is too late to leave the next request alone, there is none.
func TestInterruptedAtTheEnd(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &ending{ReadCloser: r.Body}
		r.Body = e
		Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			e.request = r
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
		})).ServeHTTP(w, r)
	}))
	defer srv.Close()
	resp, err := http.Post(srv.URL, "", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if !resp.Close {
		t.Error("the connection was kept")
	}
}

func TestStopping(t *testing.T) {
	stopping, stop := context.WithCancelCause(context.Background())
	begun := make(chan struct{})
	ended := make(chan error, 1)
	srv := httptest.NewUnstartedServer(Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		_, err := io.ReadAll(r.Body)
		ended <- err
	})))
	srv.Config.BaseContext = func(net.Listener) context.Context { return stopping }
	srv.Start()
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "PATCH / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nbegin")
	<-begun
	stop(ErrStopping)
	if err := within(t, "stopping", ended); !errors.Is(err, handler.ErrServerShutdown) {
		t.Errorf("the body ended with %v", err)
	}
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Errorf("the request got no answer: %v", err)
	} else {
		resp.Body.Close()
	}
}

func TestLockTimeout(t *testing.T) {
	var locker Locker
	held := locker.TryLock("id")
	if held == nil || locker.TryLock("id") != nil {
		t.Fatal("TryLock gave a lock twice, or not once")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	k, _ := locker.NewLock("id")
	if err := k.Lock(ctx, nil); !errors.Is(err, handler.ErrLockTimeout) {
		t.Errorf("Lock: %v, want ErrLockTimeout", err)
	}
	if err := held.Unlock(); err != nil {
		t.Error(err)
	}
	if locker.TryLock("id") == nil {
		t.Error("the lock was not freed")
	}
}

// Many goroutines, one holder at a time.
func TestExclusive(t *testing.T) {
	var locker Locker
	var holders, most int
	var mu sync.Mutex
	count := func(d int) {
		mu.Lock()
		defer mu.Unlock()
		holders += d
		most = max(most, holders)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			k, _ := locker.NewLock("id")
			if err := k.Lock(context.Background(), nil); err != nil {
				t.Error(err)
				return
			}
			count(1)
			count(-1)
			_ = k.Unlock()
		})
	}
	all.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
}
