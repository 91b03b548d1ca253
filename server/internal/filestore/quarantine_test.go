package filestore

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A record of which nothing can be read is set aside with its bytes.
func TestCrashAndRecordUnreadable(t *testing.T) {
	s, dir, id := after(t, 10, func(dir, id string) {
		if err := os.WriteFile(filepath.Join(dir, recordPath(id)), []byte("\x00\x00\x00\x00"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := s.GetUpload(context.Background(), id); !errors.Is(err, ErrNotFound) {
		t.Errorf("GetUpload: %v, want ErrNotFound", err)
	}
	wantNames(t, filepath.Join(dir, "uploads"))
	wantFile(t, filepath.Join(dir, "quarantine", id+".data"), "hello")
	wantFile(t, filepath.Join(dir, "quarantine", id+".log"), "\x00\x00\x00\x00")
}

// Data without a record is set aside: nobody can tell whether a record was lost or
// never there.
func TestCrashAndRecordLost(t *testing.T) {
	_, dir, id := after(t, 10, func(dir, id string) {
		if err := os.Remove(filepath.Join(dir, recordPath(id))); err != nil {
			t.Fatal(err)
		}
	})
	wantNames(t, filepath.Join(dir, "uploads"))
	wantNames(t, filepath.Join(dir, "quarantine"), id+".data")
	wantFile(t, filepath.Join(dir, "quarantine", id+".data"), "hello")
}

// Data without a record goes if no byte goes with it.
func TestCrashAndNothingLost(t *testing.T) {
	for name, mess := range map[string]func(dir, id string) error{
		"empty": func(dir, id string) error { return os.Truncate(filepath.Join(dir, dataPath(id)), 0) },
		"has two names": func(dir, id string) error {
			return os.Link(filepath.Join(dir, dataPath(id)), filepath.Join(dir, "other"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, dir, _ := after(t, 10, func(dir, id string) {
				if err := errors.Join(mess(dir, id), os.Remove(filepath.Join(dir, recordPath(id)))); err != nil {
					t.Fatal(err)
				}
			})
			wantNames(t, filepath.Join(dir, "uploads"))
			wantNames(t, filepath.Join(dir, "quarantine"))
		})
	}
}

// A record under the name of another upload is believed by nobody: whatever is asked
// of that one does nothing to either. All files stay where they are.
func TestRecordOfAnotherUpload(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{ExpireAfter: time.Hour})
	id, other := put(t, s, 10, "hello").ID, newID()
	stop()
	for _, path := range []func(string) string{recordPath, dataPath} {
		text, err := os.ReadFile(filepath.Join(dir, path(id)))
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, path(other)), text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	later := time.Now().Add(2 * time.Hour)
	s, _ = openStore(t, dir, Config{ExpireAfter: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return later }})
	if got := log.String(); !strings.Contains(got, `msg="upload not recovered" id=`+other) || !strings.Contains(got, "another upload") || strings.Contains(got, "WARN") {
		t.Errorf("the log says %s", got)
	}
	if ids := s.Expired(); len(ids) != 1 || ids[0] != id {
		t.Errorf("Expired = %q, want that of its own record", ids)
	}
	if removed, _, err := s.RemoveExpired(other); removed || err == nil {
		t.Errorf("RemoveExpired = %v, %v", removed, err)
	}
	later = time.Now()
	ctx := t.Context()
	for what, ask := range map[string]func() error{
		"GetUpload": func() error { _, err := s.GetUpload(ctx, other); return err },
		"Lookup":    func() error { return s.Lookup(ctx, other) },
		"Open":      func() error { _, _, err := s.Open(ctx, other); return err },
	} {
		log.Reset()
		if err := ask(); !errors.Is(err, errInternal) || !strings.Contains(log.String(), other) {
			t.Errorf("%s: %v, and the log says %s", what, err, log.String())
		}
	}
	wantFile(t, filepath.Join(dir, dataPath(other)), "hello")
	wantNames(t, filepath.Join(dir, quarantine))
	u, err := s.GetUpload(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := u.WriteChunk(ctx, 5, strings.NewReader("world")); n != 5 || err != nil {
		t.Errorf("the upload itself: %d, %v", n, err)
	}
}

// What a creation leaves that was cut off goes without a warning: no byte goes with
// it. A record that says that there were bytes stays, whatever else is left of it.
func TestCrashWhileCreating(t *testing.T) {
	creationOf := func(text []byte) int { return bytes.IndexByte(text, '\n') }
	for name, tt := range map[string]struct {
		record func(text []byte) []byte
		stays  bool
	}{
		"empty":             {record: func([]byte) []byte { return nil }},
		"torn creation":     {record: func(text []byte) []byte { return text[:creationOf(text)-1] }},
		"torn commit":       {record: func(text []byte) []byte { return text[:creationOf(text)+20] }},
		"never written":     {record: func(text []byte) []byte { return make([]byte, len(text)) }},
		"lost its creation": {record: func(text []byte) []byte { clear(text[:creationOf(text)]); return text }, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, stop := openStore(t, dir, Config{})
			id := put(t, s, 10, "hello").ID
			stop()
			path := filepath.Join(dir, recordPath(id))
			text, err := os.ReadFile(path)
			text = tt.record(text)
			if err := errors.Join(err, os.WriteFile(path, text, 0o600), os.Truncate(filepath.Join(dir, dataPath(id)), 0)); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			s, _ = openStore(t, dir, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
			wantNames(t, filepath.Join(dir, "uploads"))
			if n := s.unfinished.count(); n > 0 {
				t.Errorf("%d unfinished", n)
			}
			if warned := strings.Contains(log.String(), "level=WARN"); warned != tt.stays {
				t.Errorf("the log says %s", log.String())
			}
			if !tt.stays {
				wantNames(t, filepath.Join(dir, quarantine))
				return
			}
			wantNames(t, filepath.Join(dir, quarantine), id+".data", id+".log")
			wantFile(t, filepath.Join(dir, quarantine, id+".log"), string(text))
		})
	}
}

// What was set aside before stays, also when another upload of the same id follows,
// as final ones may.
func TestQuarantineKeepsAll(t *testing.T) {
	dir := t.TempDir()
	id := newID()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"first", "second", "third"} {
		_, stop := openStore(t, dir, Config{})
		write(dataPath(id), text)
		write(recordPath(id), "torn "+text)
		stop()
		_, stop = openStore(t, dir, Config{})
		stop()
		wantNames(t, filepath.Join(dir, "uploads"))
	}
	aside := filepath.Join(dir, quarantine)
	wantNames(t, aside, id+"-2.data", id+"-2.log", id+"-3.data", id+"-3.log", id+".data", id+".log")
	wantFile(t, filepath.Join(aside, id+".data"), "first")
	wantFile(t, filepath.Join(aside, id+"-3.log"), "torn third")
}

// The data of a part that is folded goes with its record gone: its bytes are in the
// final upload.
func TestCrashWhileRemovingFoldedParts(t *testing.T) {
	_, parts := randomParts(4)
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	ids := partsOf(t, s, parts...)
	id := mustConcat(t, s, ids...)
	st := newStepper(t, s)
	for range 3 {
		st.step()
	}
	stop()
	for _, part := range ids[1:4] { // the last is not folded
		if err := os.Remove(filepath.Join(dir, recordPath(part))); err != nil {
			t.Fatal(err)
		}
	}
	openStore(t, dir, Config{})
	wantNames(t, filepath.Join(dir, "quarantine"), ids[3]+".data")
	for _, part := range ids[1:3] {
		if _, err := os.Stat(filepath.Join(dir, dataPath(part))); !os.IsNotExist(err) {
			t.Errorf("data of a folded part: %v, want it gone", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, dataPath(id))); err != nil {
		t.Errorf("data of the final upload: %v", err)
	}
}
