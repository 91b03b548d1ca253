package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
)

func TestStoresAndKnowsItAgain(t *testing.T) {
	for _, digests := range []bool{false, true} {
		for _, size := range []int{0, 1, 4 << 10, 3<<20 + 1} {
			t.Run(fmt.Sprintf("digests=%t/%d bytes", digests, size), func(t *testing.T) {
				w := overTCP(t)
				w.server.Digests = digests
				path := w.file("film.mov", size, 1)
				first := w.mustPush(path, client.Options{})
				w.stored(first.URL, path)
				if first.AlreadyThere || first.Sent != int64(size) || first.Verified != (digests && size > 0) {
					t.Errorf("first push: %+v", first)
				}
				second := w.mustPush(path, client.Options{})
				if !second.AlreadyThere || second.URL != first.URL || second.Sent != 0 {
					t.Errorf("second push: %+v", second)
				}
				w.posts(1)
				if got := w.server.Received(); got != int64(size) {
					t.Errorf("%d bytes arrived, want %d", got, size)
				}
			})
		}
	}
}

func TestFilesOfOneNameInTwoDirectories(t *testing.T) {
	w := overTCP(t)
	a, b := w.file("same.bin", 1000, 1), w.file("same.bin", 1000, 2)
	w.stored(w.mustPush(a, client.Options{}).URL, a)
	w.stored(w.mustPush(b, client.Options{}).URL, b)
	w.posts(2)
}

func TestManyAtOnce(t *testing.T) {
	w := overTCP(t)
	c := w.client(client.Config{Header: http.Header{"X-Any": {"1"}}})
	var all sync.WaitGroup
	for i := range 16 {
		path := w.file("f", 100_000, uint64(i))
		all.Go(func() {
			result, err := c.Upload(context.Background(), client.File(path), client.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			w.stored(result.URL, path)
		})
	}
	all.Wait()
	w.posts(16)
}

func TestChunksAndOverriddenMethod(t *testing.T) {
	w := overTCP(t)
	path := w.file("f", 10_000, 1)
	c := w.client(client.Config{ChunkSize: 3000, OverridePatchMethod: true})
	result, err := c.Upload(context.Background(), client.File(path), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.stored(result.URL, path)
	if got := w.server.Requests(http.MethodPost); got != 1+4 {
		t.Errorf("%d POSTs, want one and four instead of PATCH", got)
	}
}

func TestSendsMetadata(t *testing.T) {
	w := overTCP(t)
	var sent string
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			sent = r.Header.Get("Upload-Metadata")
		}
		return false
	})
	w.mustPush(w.file("ä b.png", 1, 1), client.Options{Metadata: tus.Metadata{"z": "1", "empty": "", "a": "2"}})
	if want := "a Mg==,filename w6QgYi5wbmc=,filetype aW1hZ2UvcG5n,z MQ=="; sent != want {
		t.Errorf("metadata %q, want %q", sent, want)
	}
	if _, err := w.push(w.file("f", 1, 1), client.Options{Metadata: tus.Metadata{"a b": "1"}}); err == nil {
		t.Error("a key with a space was accepted")
	}
}

func TestOneUploadOfAFileAtATime(t *testing.T) {
	w := overTCP(t)
	path := w.file("f", 1000, 1)
	var second error
	var once sync.Once
	w.mustPush(path, client.Options{Notify: func(client.Event) {
		once.Do(func() { _, second = w.push(path, client.Options{}) })
	}})
	if !errors.Is(second, client.ErrBusy) {
		t.Errorf("the second push beside the first: %v", second)
	}
}

func TestCancelReturnsAtOnceAndTheNextPushGoesOn(t *testing.T) {
	for _, digests := range []bool{false, true} {
		t.Run(fmt.Sprintf("digests=%t", digests), func(t *testing.T) {
			w := overTCP(t)
			w.server.Digests = digests
			const size = 8 << 20
			path := w.file("f", size, 1)
			ctx, cancel := context.WithCancel(context.Background())
			var at time.Time
			w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch {
					r.Body = &cancelling{ReadCloser: r.Body, after: size / 4, cancel: func() { at = time.Now(); cancel() }}
				}
				return false
			})
			_, err := w.client(client.Config{}).Upload(ctx, client.File(path), client.Options{})
			if took := time.Since(at); !errors.Is(err, context.Canceled) || took > time.Second {
				t.Fatalf("returned %v, %v after cancelling", err, took)
			}
			w.server.Answer(nil)
			result := w.mustPush(path, client.Options{})
			w.stored(result.URL, path)
			w.posts(1)
			if result.Sent > size-size/4 {
				t.Errorf("sent %d bytes of %d again", result.Sent, size)
			}
		})
	}
}

// Each of many workers finds the connection of its last request again.
func TestConnectionsAreKept(t *testing.T) {
	w := overTCP(t)
	const workers, rounds = 32, 20
	c := w.client(client.Config{NoRecords: true})
	for round := range rounds {
		var all sync.WaitGroup
		for i := range workers {
			path := w.file("f", 1000, uint64(i))
			all.Go(func() {
				if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		all.Wait()
	}
	// net/http may dial for a request that another connection then serves.
	if got := w.connections(); got > 2*workers {
		t.Errorf("%d workers made %d connections", workers, got)
	}
}

func TestTerminate(t *testing.T) {
	w := overTCP(t)
	path := w.file("f", 1000, 1)
	result := w.mustPush(path, client.Options{})
	c := w.client(client.Config{})
	for range 2 {
		if err := c.Terminate(context.Background(), result.URL); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Status(context.Background(), result.URL); !errors.Is(err, tus.ErrUploadNotFound) {
		t.Errorf("after its end: %v", err)
	}
}

func TestOldRecordsAreForgotten(t *testing.T) {
	w := overTCP(t)
	w.mustPush(w.file("f", 10, 1), client.Options{})
	records, err := filepath.Glob(filepath.Join(w.state, "*.json"))
	if err != nil || len(records) != 1 {
		t.Fatalf("records: %q, %v", records, err)
	}
	long := time.Now().Add(-100 * 24 * time.Hour)
	for _, path := range []string{records[0], filepath.Join(w.state, "pruned")} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	w.mustPush(w.file("g", 10, 1), client.Options{})
	if _, err := os.Stat(records[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the record of 100 days ago: %v", err)
	}
}

func TestUnreadableSources(t *testing.T) {
	w := overTCP(t)
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing"), os.DevNull} {
		if result, err := w.push(path, client.Options{}); err == nil {
			t.Errorf("%s was pushed: %+v", path, result)
		}
	}
	w.posts(0)
	if entries, _ := os.ReadDir(w.state); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestRefusesOddConfiguration(t *testing.T) {
	for _, endpoint := range []string{"", "files", "ftp://h/files/", "http://", "http://[::1", "/files/"} {
		if _, err := client.New(endpoint, client.Config{}); err == nil {
			t.Errorf("endpoint %q was accepted", endpoint)
		}
	}
	for name, config := range map[string]client.Config{
		"negative chunk size": {ChunkSize: -1},
		"negative rate":       {MaxRate: -1},
		"unknown checksum":    {Checksum: "sha-1"},
		"TLS settings twice":  {TLS: &tls.Config{}, HttpClient: &http.Client{}},
	} {
		if _, err := client.New("http://h/", config); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestLibraryKnowsNoServer(t *testing.T) {
	const library = "github.com/longhaul-io/longhaul/client"
	out, err := exec.Command("go", "list", "-deps", library, library+"/cmd/longhaul").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		if strings.HasPrefix(dep, "github.com/longhaul-io/longhaul/server") || strings.HasPrefix(dep, "github.com/tus/tusd") {
			t.Errorf("the client imports %s", dep)
		}
	}
}
