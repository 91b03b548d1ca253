package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/longhaul-io/longhaul/client/clienttest"
)

// wayBack breaks downloads on demand.
type wayBack struct {
	server *clienttest.Server

	mu    sync.Mutex
	after int64
	cuts  int
	hold  bool
}

func (b *wayBack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		b.mu.Lock()
		if b.hold || b.cuts > 0 {
			b.cuts--
			w = &brokenWriter{ResponseWriter: w, left: b.after, hold: b.hold, request: r}
		}
		b.mu.Unlock()
	}
	b.server.ServeHTTP(w, r)
}

type brokenWriter struct {
	http.ResponseWriter
	left    int64
	hold    bool
	request *http.Request
}

// Unwrap is for http.ResponseController.
func (w *brokenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *brokenWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err != nil || n == len(p) {
		return n, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	if w.hold {
		<-w.request.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// back cut BYTES TIMES | hold BYTES | pass
func back(ts *testscript.TestScript, _ bool, args []string) {
	b := siteOf(ts).back
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cuts, b.hold = 0, args[0] == "hold"
	if args[0] != "pass" {
		b.after = number(ts, args[1])
	}
	if args[0] == "cut" {
		b.cuts = int(number(ts, args[2]))
	}
}

// part FILE BYTES waits until so many of its bytes came.
func part(ts *testscript.TestScript, _ bool, args []string) {
	for range 2000 {
		parts, err := filepath.Glob(ts.MkAbs(args[0]) + ".*.part")
		ts.Check(err)
		if len(parts) == 1 {
			if info, err := os.Stat(parts[0]); err == nil && info.Size() >= number(ts, args[1]) {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s does not come to %s bytes", args[0], args[1])
}

// rememberURL sets UPLOAD to what the last command printed at the end of its last line.
func rememberURL(ts *testscript.TestScript, _ bool, _ []string) {
	words := strings.Fields(ts.ReadFile("stdout"))
	ts.Setenv("UPLOAD", words[len(words)-1])
}
