package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// rewritten writes into the file at path, unless at is negative, and sets its time
// back.
func (w *world) rewritten(path string, at int64) {
	w.Helper()
	before, err := os.Stat(path)
	if err != nil {
		w.Fatal(err)
	}
	if at >= 0 {
		w.writeAt(path, []byte("other"), at)
	}
	if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
		w.Fatal(err)
	}
}

// forgetful makes the only record say that nothing happened to the file at path
// since: as on a file system that does not tell when a file was changed.
func (w *world) forgetful(path string) {
	w.Helper()
	found, err := filepath.Glob(filepath.Join(w.state, "*.json"))
	if err != nil || len(found) != 1 {
		w.Fatalf("records: %q, %v", found, err)
	}
	lines := bytes.Split(bytes.TrimSpace(w.read(found[0])), []byte("\n"))
	var record map[string]any
	decoder := json.NewDecoder(bytes.NewReader(lines[len(lines)-1]))
	decoder.UseNumber()
	if err := decoder.Decode(&record); err != nil {
		w.Fatal(err)
	}
	changed := w.changed(path)
	record["file"].(map[string]any)["changed"] = changed
	if parts, ok := record["parts"].([]any); ok {
		for _, part := range parts {
			part.(map[string]any)["file"].(map[string]any)["changed"] = changed
		}
	}
	data, err := json.Marshal(record)
	if err != nil {
		w.Fatal(err)
	}
	w.write(found[0], append(data, '\n'))
}

// changed is when something last happened to the file at path, in nanoseconds.
func (w *world) changed(path string) int64 {
	w.Helper()
	info, err := os.Stat(path)
	if err != nil {
		w.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Ctim.Nano()
}

// A file whose state says that nothing happened to it is looked at where it was
// sent from all the same: at both ends of what the server has, which tells nothing.
func TestChangeThatTheFileSystemHides(t *testing.T) {
	const sent = 4 * MiB // acknowledged, in one request of two
	for _, tt := range []struct {
		name    string
		at      int64
		changed bool
	}{
		{"nothing", -1, false},
		{"first byte", 0, true},
		{"in the head", 65_000, true},
		{"in the tail", sent - 65_000, true},
		{"last byte", sent - 1, true},
		{"what is still to be sent", sent, false},
	} {
		for _, config := range []client.Config{{}, {NoDigest: true}} {
			for _, hidden := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, without digests %t, hidden %t", tt.name, config.NoDigest, hidden), func(t *testing.T) {
					w := overTCP(t)
					w.faults = &clienttest.Faults{Base: http.DefaultTransport, Plan: []clienttest.Fault{
						{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
					}}
					path := w.file("f", 8*MiB, 1)
					config.ChunkSize = sent
					if _, err := w.send(config, client.File(path), client.Options{}); err == nil {
						t.Fatal("not interrupted")
					}
					w.rewritten(path, tt.at)
					if hidden {
						w.forgetful(path)
					}
					result, err := w.send(config, client.File(path), client.Options{})
					// Without a sum of all, what may have been written to has no proof.
					if tt.changed || config.NoDigest && !hidden {
						if !errors.Is(err, client.ErrSourceChanged) {
							t.Errorf("ended with %v", err)
						}
						if got := w.server.Received(); got != sent {
							t.Errorf("%d bytes arrived", got)
						}
						return
					}
					w.holds(w.read(path), result, err)
					w.posts(1)
				})
			}
		}
	}
}

// A push that is killed leaves behind how the file looked a while before.
func TestEndsAreKeptWhileARawFileIsSent(t *testing.T) {
	const size, step = 300 << 20, 256 << 20
	w := overTCP(t)
	path := filepath.Join(t.TempDir(), "sparse")
	w.write(path, nil)
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	var killed []byte // the record
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			r.Body = &cancelling{ReadCloser: r.Body, after: step + 20<<20, cancel: func() {
				found, _ := filepath.Glob(filepath.Join(w.state, "*.json"))
				for end := time.Now().Add(10 * time.Second); !bytes.Contains(killed, []byte("ends")) && time.Now().Before(end); time.Sleep(time.Millisecond) {
					killed = w.read(found[0])
				}
				cancel()
			}}
		}
		return false
	})
	if _, err := w.client(raw).Upload(ctx, client.File(path), client.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(w.state, "*.json"))
	w.write(found[0], killed)
	w.server.Answer(nil)
	w.rewritten(path, step-1)
	w.forgetful(path)
	if _, err := w.send(raw, client.File(path), client.Options{}); !errors.Is(err, client.ErrSourceChanged) {
		t.Errorf("ended with %v", err)
	}
}

// Each part has ends of its own, which count also where nothing is left but to join
// them.
func TestHiddenChangeInAPart(t *testing.T) {
	for at, want := range map[int64]error{-1: nil, 0: client.ErrSourceChanged, 4 * MiB: client.ErrSourceChanged, 16*MiB - 5: client.ErrSourceChanged} {
		inFakeTime(t, func(w *world) {
			path := w.file("f", 16*MiB, 1)
			w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
				final := strings.HasPrefix(r.Header.Get("Upload-Concat"), "final")
				if final {
					rw.WriteHeader(http.StatusUnauthorized)
				}
				return final
			})
			if _, err := w.send(client.Config{}, client.File(path), fourParts); err == nil {
				t.Fatal("not interrupted")
			}
			w.server.Answer(nil)
			w.rewritten(path, at)
			w.forgetful(path)
			if _, err := w.send(client.Config{}, client.File(path), fourParts); !errors.Is(err, want) {
				t.Errorf("changed at %d: ended with %v", at, err)
			}
			result, err := w.send(client.Config{}, client.File(path), client.Options{Parallel: 4, Restart: true})
			w.onlyOne(w.read(path), result, err)
		})
	}
}
