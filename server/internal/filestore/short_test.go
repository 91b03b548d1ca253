package filestore

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// An upload that has lost bytes is set aside at start, whether it is finished or
// not.
func TestDataTooShortAtStart(t *testing.T) {
	for name, length := range map[string]int64{"unfinished": 10, "complete": 5} {
		t.Run(name, func(t *testing.T) {
			s, dir, id := after(t, length, func(dir, id string) { shorten(t, dir, id) })
			if _, err := s.GetUpload(t.Context(), id); !errors.Is(err, ErrNotFound) {
				t.Errorf("GetUpload: %v, want ErrNotFound", err)
			}
			wantNames(t, filepath.Join(dir, "uploads"))
			wantNames(t, filepath.Join(dir, "files"))
			wantNames(t, filepath.Join(dir, quarantine), id+".data", id+".log")
		})
	}
}

// Of an upload that loses bytes while the server runs no offset is told, and no gap
// is filled with zeros. The log says why, and it can be removed.
func TestDataTooShort(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	s, _ := openStore(t, dir, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	id := put(t, s, 10, "hello").ID
	begun, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	shorten(t, dir, id)
	for what, ask := range map[string]func() error{
		"GetInfo": func() error {
			u, err := s.GetUpload(t.Context(), id)
			if err == nil {
				_, err = u.GetInfo(t.Context())
			}
			return err
		},
		"Open": func() error { _, _, err := s.Open(t.Context(), id); return err },
		"WriteChunk": func() error {
			n, err := begun.WriteChunk(t.Context(), 5, strings.NewReader("world"))
			if n != 0 {
				t.Errorf("WriteChunk = %d, %v", n, err)
			}
			return err
		},
	} {
		log.Reset()
		var known handler.Error
		if err := ask(); !errors.As(err, &known) || known.HTTPResponse.StatusCode != 500 {
			t.Errorf("%s: %v, want 500", what, err)
		}
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, id) || !strings.Contains(got, "has 3 bytes, its record says 5") {
			t.Errorf("%s: the log says %q", what, got)
		}
	}
	wantFile(t, filepath.Join(dir, dataPath(id)), "hel")
	if err := begun.(*upload).Terminate(t.Context()); err != nil {
		t.Errorf("Terminate: %v", err)
	}
}

func shorten(t *testing.T, dir, id string) {
	t.Helper()
	if err := os.Truncate(filepath.Join(dir, dataPath(id)), 3); err != nil {
		t.Fatal(err)
	}
}

// A part that has lost bytes is left where it is while it belongs to a final
// upload, and so is that.
func TestPartTooShortAtStart(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	ids := partsOf(t, s, "hello", "world")
	mustConcat(t, s, ids...)
	stop()
	shorten(t, dir, ids[1])
	s, _ = openStore(t, dir, Config{})
	s.foldWaiting(t.Context())
	wantNames(t, filepath.Join(dir, "files"))
	wantNames(t, filepath.Join(dir, quarantine))
	wantFile(t, filepath.Join(dir, dataPath(ids[1])), "wor")
}
