package filestore

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// cutOff returns what is left of an upload as info says when only its record is,
// which cut has changed.
func cutOff(t *testing.T, info handler.FileInfo, cut func(text []byte) []byte) (s *Store, id string, log *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	if info.IsFinal {
		info.PartialUploads = partsOf(t, s, "hello", "world")
	}
	u, err := s.NewUpload(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	id = u.(*upload).rec.ID
	text, err := os.ReadFile(filepath.Join(dir, recordPath(id)))
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, recordPath(id)), cut(text), 0o600), os.Remove(filepath.Join(dir, dataPath(id)))); err != nil {
		t.Fatal(err)
	}
	log = new(bytes.Buffer)
	s, _ = openStore(t, dir, Config{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	return s, id, log
}

// A power cut may keep the record of a creation that was not acknowledged, or a piece
// of it, and not its data: there is no upload, and nothing to warn of.
func TestCutOffCreation(t *testing.T) {
	whole := func(text []byte) []byte { return text }
	for name, tt := range map[string]struct {
		info handler.FileInfo
		cut  func([]byte) []byte
	}{
		"nothing of the record":  {handler.FileInfo{Size: 10}, func([]byte) []byte { return nil }},
		"a piece of the record":  {handler.FileInfo{Size: 10}, func(text []byte) []byte { return text[:len(text)-1] }},
		"of known length":        {handler.FileInfo{Size: 10}, whole},
		"growing":                {handler.FileInfo{SizeIsDeferred: true}, whole},
		"empty":                  {handler.FileInfo{}, whole},
		"a part":                 {handler.FileInfo{Size: 10, IsPartial: true}, whole},
		"final":                  {handler.FileInfo{IsFinal: true}, whole},
		"a piece of a final one": {handler.FileInfo{IsFinal: true}, func(text []byte) []byte { return text[:20] }},
	} {
		t.Run(name, func(t *testing.T) {
			s, id, log := cutOff(t, tt.info, tt.cut)
			for what, err := range asked(t.Context(), s, id) {
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("%s: %v, want ErrNotFound", what, err)
				}
			}
			if log.Len() > 0 {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

// A record that speaks of bytes is not one of those, whatever else it lacks.
func TestNotCutOff(t *testing.T) {
	dir := t.TempDir()
	s, _ := openStore(t, dir, Config{})
	u := newUpload(t, s, "hello")
	if err := u.FinishUpload(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, recordPath(u.rec.ID))
	text, err := os.ReadFile(path)
	text[10] ^= 1
	if err := errors.Join(err, os.WriteFile(path, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	for what, err := range asked(t.Context(), s, u.rec.ID) {
		if !errors.Is(err, errInternal) {
			t.Errorf("%s: %v, want 500", what, err)
		}
	}
	wantFile(t, path, string(text))
}

// asked returns what is answered to all who ask for an upload.
func asked(ctx context.Context, s *Store, id string) map[string]error {
	_, get := s.GetUpload(ctx, id)
	_, _, open := s.Open(ctx, id)
	return map[string]error{"GetUpload": get, "Open": open, "Lookup": s.Lookup(ctx, id)}
}

// An empty file that is published between two looks at it is there.
func TestOpenWhilePublishingNothing(t *testing.T) {
	w := newWorld(t)
	u := w.must(w.store.NewUpload(t.Context(), handler.FileInfo{}))
	asked := false
	w.disk.before = func(call string) {
		if call != "stat uploads/*.data" {
			return
		}
		w.disk.before, asked = nil, true
		if err := u.FinishUpload(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wantContent(t, w.store, u.rec.ID, "")
	if !asked {
		t.Error("it was not published meanwhile")
	}
}
