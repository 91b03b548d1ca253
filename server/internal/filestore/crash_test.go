package filestore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// openStore opens a store in path and closes it with the test, or when the
// returned function is called, as a restart does.
func openStore(t testing.TB, path string, cfg Config) (*Store, func()) {
	t.Helper()
	dir, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	stop := func() {
		if !closed {
			closed = true
			if err := dir.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	s, err := New(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, stop
}

// put creates an upload of the given length and writes the bytes to it.
func put(t *testing.T, s *Store, length int64, content string) handler.FileInfo {
	t.Helper()
	ctx := context.Background()
	u, err := s.NewUpload(ctx, handler.FileInfo{Size: length, MetaData: handler.MetaData{"filename": "name.bin"}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := u.WriteChunk(ctx, 0, strings.NewReader(content)); err != nil || n != int64(len(content)) {
		t.Fatalf("WriteChunk = %d, %v; want %d", n, err, len(content))
	}
	return infoOf(t, u)
}

func infoOf(t *testing.T, u handler.Upload) handler.FileInfo {
	t.Helper()
	info, err := u.GetInfo(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// after returns what is left of an upload of "hello" (of 10 bytes, or of 5 if
// complete) when the server dies and mess has happened to its files.
func after(t *testing.T, length int64, mess func(dir, id string)) (s *Store, dir, id string) {
	t.Helper()
	dir = t.TempDir()
	s, stop := openStore(t, dir, Config{})
	id = put(t, s, length, "hello").ID
	stop()
	mess(dir, id)
	s, _ = openStore(t, dir, Config{})
	return s, dir, id
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// Whatever a crash leaves behind the last commit, the upload goes on from it
// and ends with the right bytes.
func TestCrashWhileUnfinished(t *testing.T) {
	for name, mess := range map[string]func(dir, id string){
		"nothing": func(dir, id string) {},
		"data past the commit": func(dir, id string) {
			appendTo(t, filepath.Join(dir, dataPath(id)), "bytes that nobody was told of")
		},
		"torn line": func(dir, id string) {
			line := appendLine(nil, commit{Offset: 7, Length: lengthOf(10)})
			appendTo(t, filepath.Join(dir, recordPath(id)), string(line[:len(line)-2]))
		},
		"torn line longer than the next": func(dir, id string) {
			appendTo(t, filepath.Join(dir, recordPath(id)), strings.Repeat("x", 1000)+"\n")
		},
		"garbage line": func(dir, id string) {
			appendTo(t, filepath.Join(dir, recordPath(id)), "\x00\x00\x00\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s, dir, id := after(t, 10, mess)
			u, err := s.GetUpload(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if got := infoOf(t, u).Offset; got != 5 {
				t.Fatalf("offset %d, want 5", got)
			}
			if n, err := u.WriteChunk(ctx, 5, strings.NewReader("world")); n != 5 || err != nil {
				t.Fatalf("WriteChunk = %d, %v", n, err)
			}
			if err := u.FinishUpload(ctx); err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "files", "name.bin"), "helloworld")
		})
	}
}

// A complete upload is published once, wherever the crash was.
func TestCrashWhilePublishing(t *testing.T) {
	for name, mess := range map[string]func(dir, id string){
		"before the link": func(dir, id string) {},
		"after the link": func(dir, id string) {
			if err := os.Link(filepath.Join(dir, dataPath(id)), filepath.Join(dir, "files", "name.bin")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir, id := after(t, 5, mess)
			wantFile(t, filepath.Join(dir, "files", "name.bin"), "hello")
			wantNames(t, filepath.Join(dir, "files"), "name.bin")
			wantNames(t, filepath.Join(dir, "uploads"), id+".log")
			f, _, err := s.Open(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := iotest.TestReader(f, []byte("hello")); err != nil {
				t.Error(err)
			}
		})
	}
}

// A growing upload that ends where a crash left more bytes than were committed
// ends there, also when the next crash comes before the request is through.
func TestCrashWhileDeclaringLength(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	u, err := s.NewUpload(ctx, handler.FileInfo{SizeIsDeferred: true, MetaData: handler.MetaData{"filename": "name.bin"}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := u.WriteChunk(ctx, 0, strings.NewReader("hello")); n != 5 || err != nil {
		t.Fatalf("WriteChunk = %d, %v", n, err)
	}
	id := infoOf(t, u).ID
	appendTo(t, filepath.Join(dir, dataPath(id)), "bytes that nobody was told of")
	if u, err = s.GetUpload(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := s.AsLengthDeclarableUpload(u).DeclareLength(ctx, 5); err != nil {
		t.Fatal(err)
	}
	stop()
	openStore(t, dir, Config{})
	wantFile(t, filepath.Join(dir, "files", "name.bin"), "hello")
}

// A name that somebody took between the commit and the link is never
// overwritten.
func TestCrashAndNameTaken(t *testing.T) {
	s, dir, id := after(t, 5, func(dir, _ string) {
		if err := os.WriteFile(filepath.Join(dir, "files", "name.bin"), []byte("other"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	wantFile(t, filepath.Join(dir, "files", "name.bin"), "other")
	wantFile(t, filepath.Join(dir, "files", "name (1).bin"), "hello")
	if _, info, err := s.Open(t.Context(), id); err != nil || info.Name != "name (1).bin" {
		t.Errorf("Open: name %q, error %v", info.Name, err)
	}
}

// A long request commits on its way, so that a crash loses little of it.
func TestCommitsInsideARequest(t *testing.T) {
	var offsets []int64
	ctx := WithObserver(context.Background(), func(info Info) { offsets = append(offsets, info.Offset) })
	s, _ := openStore(t, t.TempDir(), Config{})
	u, err := s.NewUpload(ctx, handler.FileInfo{SizeIsDeferred: true})
	if err != nil {
		t.Fatal(err)
	}
	const size = 2*commitEvery + 1
	if n, err := u.WriteChunk(ctx, 0, io.LimitReader(zeros{}, size)); n != size || err != nil {
		t.Fatalf("WriteChunk = %d, %v", n, err)
	}
	if len(offsets) < 4 || offsets[len(offsets)-1] != size {
		t.Fatalf("commits at %v, want one at least every %d bytes and one at %d", offsets, commitEvery, size)
	}
	for i := 1; i < len(offsets); i++ {
		if step := offsets[i] - offsets[i-1]; step > commitEvery+bufferSize {
			t.Errorf("%d bytes between two commits", step)
		}
	}
}

// A source that fails on the way loses nothing that came before.
func TestSourceFails(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	ctx := context.Background()
	u, err := s.NewUpload(ctx, handler.FileInfo{Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	src := io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(errors.New("broken")))
	n, err := u.WriteChunk(ctx, 0, src)
	if n != 5 || err == nil {
		t.Errorf("WriteChunk = %d, %v; want 5 and an error", n, err)
	}
	again, err := s.GetUpload(ctx, infoOf(t, u).ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := infoOf(t, again).Offset; got != 5 {
		t.Errorf("offset %d, want 5", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("%s holds %q, error %v; want %q", filepath.Base(path), got, err, want)
	}
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%s holds %q, want %q", filepath.Base(dir), got, want)
	}
}
