package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// pull downloads with a new client, as a new process would.
func (w *world) pull(url string, options client.DownloadOptions) (client.DownloadResult, error) {
	w.Helper()
	c := w.client(client.Config{})
	defer c.Close()
	return c.Download(context.Background(), url, options)
}

// same fails unless the files at a and b are equal.
func (w *world) same(a, b string) {
	w.Helper()
	if !bytes.Equal(w.read(a), w.read(b)) {
		w.Errorf("%s differs from %s", a, b)
	}
}

// alone fails unless the directory of path has nothing but it.
func (w *world) alone(path string) {
	w.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		w.Errorf("%v beside %s, %v", entries, filepath.Base(path), err)
	}
}

func TestDownloadSurvives(t *testing.T) {
	for name, plan := range map[string][]clienttest.Fault{
		"nothing":                    nil,
		"a refused question":         {{Method: "HEAD", Kind: clienttest.Refuse}},
		"a proxy in place of HEAD":   {{Method: "HEAD", Kind: clienttest.Answer, Status: 502}},
		"no answer":                  {{Method: "GET", Kind: clienttest.Refuse}},
		"a proxy that is overloaded": {{Method: "GET", Kind: clienttest.Answer, Status: 503, Header: http.Header{"Retry-After": {"7"}}}},
		"a cut before the first":     {{Method: "GET", Kind: clienttest.CutAnswer}},
		"a cut":                      {{Method: "GET", Kind: clienttest.CutAnswer, After: 300_000}},
		"forty cuts":                 slices.Repeat([]clienttest.Fault{{Method: "GET", Kind: clienttest.CutAnswer, After: 20_001}}, 40),
		"a cut before the last byte": {{Method: "GET", Kind: clienttest.CutAnswer, After: 999_999}},
		"a stall before the first":   {{Method: "GET", Kind: clienttest.StallAnswer}},
		"a stall":                    {{Method: "GET", Kind: clienttest.StallAnswer, After: 300_000}},
	} {
		for _, digests := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				inFakeTime(t, func(w *world) {
					w.server.Digests = digests
					source := w.file("film.mov", 1_000_000, 1)
					uploaded := w.mustPush(source, client.Options{})
					w.faults.Plan = plan
					path := filepath.Join(w.TempDir(), "here.mov")
					c := w.client(client.Config{Patience: 2 * time.Minute})
					result, err := c.Download(context.Background(), uploaded.URL, client.DownloadOptions{Path: path})
					if err != nil {
						t.Fatal(err)
					}
					w.same(path, source)
					w.alone(path)
					if left := w.faults.Left(); len(left) > 0 {
						t.Errorf("these faults did not happen: %v", left)
					}
					if result.Size != 1_000_000 || result.Received != 1_000_000 || result.Verified != digests || result.AlreadyThere || result.Elapsed > 10*time.Minute {
						t.Errorf("%+v", result)
					}
				})
			})
		}
	}
}

// A server may know no ranges; then what is here already is passed over.
func TestDownloadWithoutRanges(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("film.mov", 1_000_000, 1)
		uploaded := w.mustPush(source, client.Options{})
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Range"); return false })
		w.faults.Plan = []clienttest.Fault{{Method: "GET", Kind: clienttest.CutAnswer, After: 300_000}}
		var out bytes.Buffer
		result, err := w.pull(uploaded.URL, client.DownloadOptions{Writer: &out})
		if err != nil || !bytes.Equal(out.Bytes(), w.read(source)) || result.Received != 1_000_000 || result.Path != "" {
			t.Errorf("%d bytes, %+v, %v", out.Len(), result, err)
		}
	})
}

// What one process received is not received again by the next.
func TestDownloadGoesOn(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		inFakeTime(t, func(w *world) {
			w.server.Digests = true
			source := w.file("film.mov", 1_000_000, 1)
			uploaded := w.mustPush(source, client.Options{})
			path := filepath.Join(w.TempDir(), "here.mov")
			w.faults.Plan = []clienttest.Fault{{Method: "GET", Kind: clienttest.CutAnswer, After: 300_000}}
			ctx, cancel := context.WithCancel(context.Background())
			c := w.client(client.Config{})
			result, err := c.Download(ctx, uploaded.URL, client.DownloadOptions{Path: path, Notify: func(e client.Event) {
				if e.Kind == client.Retrying {
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) || result.Offset != 300_000 {
				t.Fatalf("%+v, %v", result, err)
			}
			parts, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "here.mov.*.part"))
			if len(parts) != 1 {
				t.Fatalf("parts: %v", parts)
			}
			want := int64(700_000)
			if damaged {
				w.writeAt(parts[0], []byte("damage"), 1000)
				want = 1_700_000
			}
			result, err = w.pull(uploaded.URL, client.DownloadOptions{Path: path})
			if err != nil || result.Received != want || !result.Verified {
				t.Errorf("%+v, %v; want %d received", result, err, want)
			}
			w.same(path, source)
			w.alone(path)
		})
	}
}

// Bytes that are not those that the server has never get the file's name.
func TestDamagedDownloadIsNoFile(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		source := w.file("film.mov", 1000, 1)
		uploaded := w.mustPush(source, client.Options{})
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				_, _ = rw.Write(noise(1000, 2))
			}
			return r.Method == http.MethodGet
		})
		path := filepath.Join(w.TempDir(), "here.mov")
		if _, err := w.pull(uploaded.URL, client.DownloadOptions{Path: path}); !errors.Is(err, client.ErrDamaged) {
			t.Errorf("error %v", err)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 0 {
			t.Errorf("left behind: %v", entries)
		}
		if result, err := w.pull(uploaded.URL, client.DownloadOptions{Writer: io.Discard}); !errors.Is(err, client.ErrDamaged) || result.Verified {
			t.Errorf("to a writer: %+v, %v", result, err)
		}
	})
}

// SHA-256 is compared where the server tells that.
func TestDownloadComparesSHA256(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("film.mov", 5, 1)
		w.write(source, []byte("hello"))
		uploaded := w.mustPush(source, client.Options{})
		for sum, want := range map[string]error{
			"sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:": nil,
			"sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCU=:": client.ErrDamaged,
		} {
			w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool { rw.Header().Set("Repr-Digest", sum); return false })
			result, err := w.pull(uploaded.URL, client.DownloadOptions{Path: filepath.Join(w.TempDir(), "here")})
			if !errors.Is(err, want) || result.Verified != (want == nil) {
				t.Errorf("%s: %+v, %v; want %v", sum, result, err, want)
			}
		}
	})
}

func TestDownloadOverwritesNothing(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		source := w.file("film.mov", 100_000, 1)
		uploaded := w.mustPush(source, client.Options{})
		path := w.file("here.mov", 100_000, 2)
		other := w.read(path)
		if _, err := w.pull(uploaded.URL, client.DownloadOptions{Path: path}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("error %v", err)
		}
		if !bytes.Equal(w.read(path), other) {
			t.Fatal("it was overwritten")
		}
		w.alone(path)
		if _, err := w.pull(uploaded.URL, client.DownloadOptions{Path: path, Overwrite: true}); err != nil {
			t.Fatal(err)
		}
		w.same(path, source)
		result, err := w.pull(uploaded.URL, client.DownloadOptions{Path: path})
		if err != nil || !result.AlreadyThere || result.Received != 0 {
			t.Errorf("again: %+v, %v", result, err)
		}
	})
}

// A file that comes while bytes do is not replaced.
func TestDownloadReplacesNoNewcomer(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("film.mov", 100_000, 1)
		uploaded := w.mustPush(source, client.Options{})
		path := filepath.Join(w.TempDir(), "here.mov")
		c := w.client(client.Config{})
		_, err := c.Download(context.Background(), uploaded.URL, client.DownloadOptions{Path: path, Notify: func(e client.Event) {
			if e.Kind == client.Started {
				w.write(path, []byte("mine"))
			}
		}})
		if got := string(w.read(path)); !errors.Is(err, fs.ErrExist) || got != "mine" {
			t.Errorf("%d bytes are there, error %v", len(got), err)
		}
	})
}

// Names come from whoever uploaded: none leads out of the directory.
func TestDownloadNames(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("x", 10, 1)
		for given, want := range map[string]string{
			"film.mov":               "film.mov",
			"../../film.mov":         "film.mov",
			`C:\Windows\film.mov`:    "film.mov",
			"/etc/passwd":            "passwd",
			".bashrc":                "bashrc",
			"..git. ":                "git",
			"nul.txt":                "_nul.txt",
			"a<b>|c":                 "a_b__c",
			"cod\u202eexe.doc":       "codexe.doc",
			"a\nb\x00c":              "a_b_c",
			"סרט 🎬.mov":              "סרט 🎬.mov",
			strings.Repeat("ä", 200): strings.Repeat("ä", 120),
			"..":                     "",
			"dir/":                   "",
			"":                       "",
		} {
			metadata := tus.Metadata{"filename": given}
			dir := w.TempDir()
			w.write(source, []byte(given))
			uploaded, err := w.push(source, client.Options{Metadata: metadata, Restart: true})
			if err != nil {
				t.Fatal(err)
			}
			result, err := w.pull(uploaded.URL, client.DownloadOptions{Path: dir})
			if want == "" {
				want = filepath.Base(uploaded.URL)
			}
			if err != nil || result.Path != filepath.Join(dir, want) {
				t.Errorf("%q became %q, want %q, %v", given, result.Path, want, err)
				continue
			}
			w.alone(result.Path)
		}
	})
}

func TestDownloadOfWhatIsNotThere(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("app.log", 1000, 1)
		open := w.mustPush(source, client.Options{Append: true})
		options := client.DownloadOptions{Path: filepath.Join(w.TempDir(), "here")}
		if _, err := w.pull(open.URL, options); !errors.Is(err, client.ErrUnfinished) {
			t.Errorf("of an open upload: %v", err)
		}
		if _, err := w.pull(w.url+"none", options); !errors.Is(err, tus.ErrUploadNotFound) {
			t.Errorf("of none: %v", err)
		}
		w.server.Answer(func(rw http.ResponseWriter, _ *http.Request) bool { rw.WriteHeader(http.StatusOK); return true })
		var wrong *client.NotTusError
		if _, err := w.pull(open.URL, options); !errors.As(err, &wrong) {
			t.Errorf("of a page: %v", err)
		}
		if _, err := os.Stat(options.Path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("something is there: %v", err)
		}
	})
}

// A server that fails before it gave anything is soon given up; one that gave
// something is waited for, and so is one that is only away.
func TestDownloadFromABrokenServer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		method string
		status int
		after  int // GETs that are cut after some bytes before it begins to fail
		given  bool
	}{
		{"asked", http.MethodHead, 500, 0, true},
		{"asked for bytes", http.MethodGet, 500, 0, true},
		{"asked for more", http.MethodGet, 500, 1, false},
		{"away when asked", http.MethodHead, 503, 0, false},
		{"away when asked for bytes", http.MethodGet, 502, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				uploaded := w.mustPush(w.file("film.mov", 100_000, 1), client.Options{})
				w.faults.Plan = slices.Repeat([]clienttest.Fault{{Method: http.MethodGet, Kind: clienttest.CutAnswer, After: 1000}}, tt.after)
				gets := 0
				w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
					if r.Method != tt.method {
						return false
					}
					if gets++; gets <= tt.after {
						return false
					}
					rw.WriteHeader(tt.status)
					return true
				})
				began := time.Now()
				_, err := w.pull(uploaded.URL, client.DownloadOptions{Path: filepath.Join(w.TempDir(), "here")})
				var temporary *client.TemporaryError
				var answer *client.ResponseError
				if !errors.As(err, &answer) || answer.Status != tt.status || errors.As(err, &temporary) == tt.given {
					t.Errorf("ended with %v", err)
				}
				if took := time.Since(began); tt.given != (took < 2*time.Second) || took > 16*time.Minute {
					t.Errorf("gave up after %v", took)
				}
			})
		})
	}
}

// A place that takes no more bytes is not the connection's fault.
func TestDownloadToBrokenPlace(t *testing.T) {
	inFakeTime(t, func(w *world) {
		uploaded := w.mustPush(w.file("film.mov", 100_000, 1), client.Options{})
		reader, writer := io.Pipe()
		reader.CloseWithError(io.ErrShortBuffer)
		began := time.Now()
		_, err := w.pull(uploaded.URL, client.DownloadOptions{Writer: writer})
		if !errors.Is(err, io.ErrShortBuffer) || time.Since(began) > time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestTwoDownloadsToOnePlace(t *testing.T) {
	inFakeTime(t, func(w *world) {
		source := w.file("film.mov", 100_000, 1)
		uploaded := w.mustPush(source, client.Options{})
		options := client.DownloadOptions{Path: filepath.Join(w.TempDir(), "here")}
		outer := options
		outer.Notify = func(e client.Event) {
			if e.Kind == client.Started {
				if _, err := w.pull(uploaded.URL, options); !errors.Is(err, client.ErrBusy) || errors.Is(err, client.ErrRecords) {
					t.Errorf("the second: %v", err)
				}
			}
		}
		if _, err := w.pull(uploaded.URL, outer); err != nil {
			t.Error(err)
		}
		w.same(options.Path, source)
	})
}
