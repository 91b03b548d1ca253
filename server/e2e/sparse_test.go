package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	longhaul "github.com/longhaul-io/longhaul/client"
)

// sink is a tus server for one upload that keeps nothing but its offset and sum,
// and breaks the connection once, when it has so many bytes.
type sink struct {
	breaksAt int64

	mu     sync.Mutex
	offset int64
	length string
	sum    uint32
	broken bool
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := http.StatusNoContent
	switch r.Method {
	case http.MethodPost:
		s.length = r.Header.Get("Upload-Length")
		w.Header().Set("Location", "/files/1")
		status = http.StatusCreated
	case http.MethodPatch:
		if r.Header.Get("Upload-Offset") != strconv.FormatInt(s.offset, 10) {
			http.Error(w, "wrong offset", http.StatusConflict)
			return
		}
		if !s.broken {
			s.broken = true
			s.take(io.LimitReader(r.Body, s.breaksAt))
			panic(http.ErrAbortHandler)
		}
		s.take(r.Body)
	}
	w.Header().Set("Tus-Resumable", "1.0.0")
	w.Header().Set("Upload-Offset", strconv.FormatInt(s.offset, 10))
	w.Header().Set("Upload-Length", s.length)
	w.Header().Set("Upload-Digest", "crc32c=:"+base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, s.sum))+":")
	w.WriteHeader(status)
}

func (s *sink) take(r io.Reader) {
	table, buffer := crc32.MakeTable(crc32.Castagnoli), make([]byte, 1<<20)
	for {
		n, err := r.Read(buffer)
		s.sum = crc32.Update(s.sum, table, buffer[:n])
		s.offset += int64(n)
		if err != nil {
			return
		}
	}
}

// sparse makes a file that has nothing but a byte at each of these offsets, of
// which the last is its end.
func sparse(t *testing.T, path string, offsets ...int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range offsets {
		if _, err := f.WriteAt([]byte("x"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A sparse file goes to longhauld, which is killed half-way, and arrives as it is.
// LONGHAUL_TEST_SPARSE is its size in MiB: the server's disk needs as much.
func TestSparseFile(t *testing.T) {
	size := envInt(t, "LONGHAUL_TEST_SPARSE", 1024) << 20
	f := newField(t)
	path := filepath.Join(f.dir, "sparse.img")
	sparse(t, path, 0, size/3, size/2+12345, size-1)
	push := f.longhaul("push", path, f.server.Endpoint)
	var out bytes.Buffer
	push.Stdout, push.Stderr = &out, &out
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	f.received(size / 2)
	f.restart()
	if err := push.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	f.arrived(path)
	if again := f.push(path, f.server.Endpoint); !strings.Contains(again, "already there") {
		t.Errorf("pushed again: %s", again)
	}
}

// A sparse file of 5 GiB costs no disk; it breaks off, and goes on, where offsets
// do not fit into 32 bits.
func TestFiveGibibytes(t *testing.T) {
	const size, breaksAt = 5 << 30, 9<<29 + 12345
	server := httptest.NewServer(&sink{breaksAt: breaksAt})
	defer server.Close()
	path := filepath.Join(t.TempDir(), "sparse.img")
	sparse(t, path, 0, 1<<32-2, breaksAt, size-1)
	c, err := longhaul.New(server.URL+"/files/", longhaul.Config{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var resumed int64
	reread := 0
	result, err := c.Upload(context.Background(), longhaul.File(path), longhaul.Options{Notify: func(e longhaul.Event) {
		if e.Kind == longhaul.Verifying {
			reread++
		}
		if e.Kind == longhaul.Progress && e.Stored > 0 && resumed == 0 {
			resumed = e.Stored
		}
	}})
	if err != nil || !result.Verified || result.Offset != size || result.Sent != size {
		t.Fatalf("%+v, %v", result, err)
	}
	if resumed != breaksAt {
		t.Errorf("went on at %d, want %d", resumed, int64(breaksAt))
	}
	if reread > 4 { // 16 MiB each, and 64 MiB at most
		t.Errorf("reread in %d pieces what was sent", reread)
	}
}
