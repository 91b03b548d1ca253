package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

var sealing = client.Config{SHA256: true}

// sealed fails unless an upload of data went well, and its SHA-256 was compared.
func (w *world) sealed(data []byte, result client.Result, err error) {
	w.Helper()
	w.holds(data, result, err)
	if sum := sha256.Sum256(data); !bytes.Equal(result.SHA256, sum[:]) || !result.Verified {
		w.Errorf("the SHA-256 is told as %x, verified %t; want %x", result.SHA256, result.Verified, sum)
	}
}

// The SHA-256 is right whatever breaks, and however often bytes are sent again.
func TestSHA256IsCompared(t *testing.T) {
	for name, source := range sources {
		for fault, plan := range map[string][]clienttest.Fault{
			"nothing":             nil,
			"cuts":                slices.Repeat([]clienttest.Fault{{Method: http.MethodPatch, Kind: clienttest.Cut, After: 70_001}}, 5),
			"a lost answer":       {{Method: http.MethodPatch, Kind: clienttest.Lose}},
			"a creation is asked": {{Method: http.MethodPost, Kind: clienttest.Refuse}},
		} {
			t.Run(name+"/"+fault, func(t *testing.T) {
				inFakeTime(t, func(w *world) {
					w.server.Digests = true
					w.faults.Plan = plan
					data := noise(3*size, 1)
					result, err := w.send(sealing, source(w, data), client.Options{})
					w.sealed(data, result, err)
				})
			})
		}
	}
}

func TestSHA256OfSmallAndEmptyFiles(t *testing.T) {
	for _, size := range []int{0, 1, 60_000} {
		w := overTCP(t)
		w.server.Digests = true
		path := w.file("f", size, 1)
		for _, again := range []bool{false, true} {
			result, err := w.send(sealing, client.File(path), client.Options{})
			w.sealed(w.read(path), result, err)
			if result.AlreadyThere != again {
				t.Errorf("already there: %t", result.AlreadyThere)
			}
		}
	}
}

// tellWhole makes the server tell the SHA-256 of finished uploads, which are data,
// as a server does that knows of no Upload-Digest.
func (w *world) tellWhole(data []byte) {
	sum := sha256.Sum256(data)
	w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if info, err := os.Stat(w.server.PathOf(r.URL.Path)); err == nil && info.Size() == int64(len(data)) {
			rw.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		}
		return false
	})
}

// What an earlier process sent is part of the whole, be the file touched since or not.
func TestSHA256OfWhatGoesOn(t *testing.T) {
	for name, tc := range map[string]struct{ touched, late bool }{
		"untouched":            {},
		"touched":              {touched: true},
		"told of a whole only": {late: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := overTCP(t)
			w.server.Digests = !tc.late
			path := w.file("f", 8*MiB, 1)
			config := client.Config{SHA256: true, ChunkSize: 3 * MiB}
			ctx, cancel := context.WithCancel(context.Background())
			patches := 0
			w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPatch {
					return false
				}
				if patches++; patches == 2 {
					r.Body = &cancelling{ReadCloser: r.Body, after: MiB, cancel: cancel}
				}
				return false
			})
			if _, err := w.client(config).Upload(ctx, client.File(path), client.Options{}); !errors.Is(err, context.Canceled) {
				t.Fatalf("not interrupted: %v", err)
			}
			w.server.Answer(nil)
			if tc.late {
				w.tellWhole(w.read(path))
			}
			if tc.touched {
				w.touch(path, time.Hour)
			}
			result, err := w.send(config, client.File(path), client.Options{})
			w.sealed(w.read(path), result, err)
			w.posts(1)
		})
	}
}

func TestSHA256OfAGrowingFile(t *testing.T) {
	w := overTCP(t)
	w.server.Digests = true
	path := w.file("f", MiB, 1)
	for i, options := range []client.Options{{Append: true}, {Append: true}, {Append: true}, {Finish: true}} {
		result, err := w.send(sealing, client.File(path), options)
		w.sealed(w.read(path), result, err)
		if i%2 == 0 { // sometimes there is nothing new
			w.grow(path, 300_000, uint64(i))
		}
	}
	w.posts(1)
}

func TestSHA256OfParts(t *testing.T) {
	w := overTCP(t)
	w.server.Digests = true
	path := w.file("f", 4*MiB, 1)
	result, err := w.send(sealing, client.File(path), fourParts)
	w.sealed(w.read(path), result, err)
}

// A server that tells another SHA-256, in an answer that has none for the
// CRC-32C to be wrong.
func TestOtherSHA256(t *testing.T) {
	for _, header := range []string{"Upload-Digest", "Repr-Digest"} {
		w := overTCP(t)
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead {
				rw.Header().Set(header, "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:")
			}
			return false
		})
		path := w.file("f", MiB, 1)
		result, err := w.send(sealing, client.File(path), client.Options{})
		if !errors.Is(err, client.ErrDigestMismatch) || result.SHA256 != nil {
			t.Errorf("%s: %x, %v", header, result.SHA256, err)
		}
		if left := w.server.Stored(t); len(left) != 0 {
			t.Errorf("%s: what nobody wants is kept: %q", header, left)
		}
	}
}

// A server that tells no SHA-256 takes the file all the same, and that is said.
func TestServerWithoutSHA256(t *testing.T) {
	w := overTCP(t)
	path := w.file("f", MiB, 1)
	var seen events
	result, err := w.send(sealing, client.File(path), client.Options{Notify: seen.add})
	w.holds(w.read(path), result, err)
	if notices := seen.of(client.Notice); len(notices) != 1 || !strings.Contains(notices[0].Err.Error(), "SHA-256") || result.SHA256 != nil || result.Verified {
		t.Errorf("%+v, %+v", notices, result)
	}
	if _, err := client.New(w.url, client.Config{SHA256: true, NoDigest: true}); err == nil {
		t.Error("NoDigest goes with SHA256")
	}
}
