package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// newUpload creates an upload called name.bin and writes content, all of it.
func newUpload(t *testing.T, s *Store, content string) *upload {
	t.Helper()
	ctx := context.Background()
	u, err := s.NewUpload(ctx, handler.FileInfo{Size: int64(len(content)), MetaData: handler.MetaData{"filename": "name.bin"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.WriteChunk(ctx, 0, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return u.(*upload)
}

// An upload that ends before it was published takes no other file along: not
// the one that got its name first, not the directory when it has no name yet.
func TestTerminateBeforePublishing(t *testing.T) {
	for _, content := range []string{"", "hello"} {
		t.Run(content, func(t *testing.T) {
			ctx, dir := context.Background(), t.TempDir()
			s, _ := openStore(t, dir, Config{})
			u, other := newUpload(t, s, content), newUpload(t, s, content)
			if content != "" {
				if err := other.FinishUpload(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if err := u.Terminate(ctx); err != nil {
				t.Fatal(err)
			}
			if err := other.FinishUpload(ctx); err != nil {
				t.Fatal(err)
			}
			wantNames(t, filepath.Join(dir, "files"), "name.bin")
			wantNames(t, filepath.Join(dir, "uploads"), other.rec.ID+".log")
		})
	}
}

// A published file that somebody replaced since is not the upload's to remove.
func TestTerminateAfterReplacing(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, _ := openStore(t, dir, Config{})
	u := newUpload(t, s, "hello")
	if err := u.FinishUpload(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "files", "name.bin"), []byte("longer than before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.Terminate(ctx); err != nil {
		t.Fatal(err)
	}
	wantNames(t, filepath.Join(dir, "files"), "name.bin")
	wantNames(t, filepath.Join(dir, "uploads"))
}

// A file whose directory was moved away is gone, also if another file has come
// into the place of the directory, and can be terminated.
func TestDirectoryReplaced(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, _ := openStore(t, dir, Config{})
	created, err := s.NewUpload(ctx, handler.FileInfo{MetaData: handler.MetaData{"filename": "a.jpg", "relativePath": "photos/a.jpg"}})
	if err != nil {
		t.Fatal(err)
	}
	u := created.(*upload)
	if err := u.FinishUpload(ctx); err != nil {
		t.Fatal(err)
	}
	photos := filepath.Join(dir, "files", "photos")
	if err := os.Rename(photos, filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(photos, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(ctx, u.rec.ID); !errors.Is(err, ErrMoved) {
		t.Errorf("Open: %v, want ErrMoved", err)
	}
	if err := u.Terminate(ctx); err != nil {
		t.Errorf("Terminate: %v", err)
	}
	wantNames(t, filepath.Join(dir, "uploads"))
	wantNames(t, filepath.Join(dir, "files"), "photos")
}

// Whatever a crash leaves of an upload that is being removed, it is gone at start.
func TestCrashWhileTerminating(t *testing.T) {
	for name, gone := range map[string][]func(string) string{
		"nothing removed": {},
		"record removed":  {recordPath},
		"data removed":    {dataPath},
		"both removed":    {recordPath, dataPath},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir, id := after(t, 10, func(dir, id string) {
				err := os.Link(filepath.Join(dir, dataPath(id)), filepath.Join(dir, removedPath(id)))
				for _, path := range gone {
					err = errors.Join(err, os.Remove(filepath.Join(dir, path(id))))
				}
				if err != nil {
					t.Fatal(err)
				}
			})
			if _, err := s.GetUpload(t.Context(), id); !errors.Is(err, ErrNotFound) {
				t.Errorf("GetUpload: %v, want ErrNotFound", err)
			}
			if ids, n := s.Expired(), s.unfinished.count(); len(ids) > 0 || n > 0 {
				t.Errorf("%d unfinished, %q expired", n, ids)
			}
			wantNames(t, filepath.Join(dir, "uploads"))
			wantNames(t, filepath.Join(dir, "quarantine"))
		})
	}
}

// A termination that failed goes on when the upload is asked for or made again, from
// wherever it came to, and frees the parts of a final upload.
func TestTerminateGoesOn(t *testing.T) {
	for _, failing := range []string{"remove uploads/*.log", "remove uploads/*.data", "remove uploads/*.removed", "sync directory uploads"} {
		t.Run(failing, func(t *testing.T) {
			w := newWorld(t)
			ids := partsOf(t, w.store, "hello", "world")
			id := mustConcat(t, w.store, ids...)
			u := w.must(w.store.GetUpload(t.Context(), id))
			w.disk.failing = failing
			if err := u.Terminate(t.Context()); err == nil {
				t.Fatal("it failed, and nobody was told")
			}
			if _, _, err := w.store.Open(t.Context(), id); !errors.Is(err, ErrNotFound) {
				t.Errorf("Open: %v, want ErrNotFound", err)
			}
			w.disk.failing = ""
			mustConcat(t, w.store, ids...)
			wantContent(t, w.store, id, "helloworld")

			u = w.must(w.store.GetUpload(t.Context(), id))
			w.disk.failing = failing
			if err := u.Terminate(t.Context()); err == nil {
				t.Fatal("it failed, and nobody was told")
			}
			w.disk.failing = ""
			if _, err := w.store.GetUpload(t.Context(), id); !errors.Is(err, ErrNotFound) {
				t.Errorf("asked again: %v, want ErrNotFound", err)
			}
			want := []string{w.bystander + ".data", w.bystander + ".log"}
			for _, part := range ids {
				want = append(want, part+".data", part+".log")
			}
			slices.Sort(want)
			wantNames(t, filepath.Join(w.dir, "uploads"), want...)
			wantContent(t, w.store, mustConcat(t, w.store, ids...), "helloworld")
		})
	}
}

// Where the disk has no room for another name, or the file cannot have one more, an
// upload is removed all the same, and its record is gone for good before its data is
// touched.
func TestTerminateWithoutRoom(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EMLINK} {
		t.Run(errno.Error(), func(t *testing.T) {
			w := newWorld(t)
			w.unfinished(5)
			u := w.get()
			w.disk.set(noFault)
			w.disk.failing, w.disk.with = "link to uploads/*.removed", errno
			if err := w.terminate(u); err != nil {
				t.Fatal(err)
			}
			order := []string{"remove uploads/*.log", "sync directory uploads", "remove uploads/*.data"}
			for _, call := range w.disk.calls {
				if len(order) > 0 && call == order[0] {
					order = order[1:]
				}
			}
			if len(order) > 0 {
				t.Errorf("no %q in order in %q", order, w.disk.calls)
			}
			wantNames(t, filepath.Join(w.dir, "uploads"), w.bystander+".data", w.bystander+".log")
			w.invariants()
			wantNames(t, filepath.Join(w.dir, quarantine))
		})
	}
}

// A termination that failed before it has begun leaves everything as it was: an
// upload goes on, and a final one is folded.
func TestTerminateNotBegun(t *testing.T) {
	w := newWorld(t)
	w.unfinished(5)
	ids := partsOf(t, w.store, "hello", "world")
	final := w.must(w.store.GetUpload(t.Context(), mustConcat(t, w.store, ids...)))
	w.disk.failing = "link to uploads/*.removed"
	for _, u := range []*upload{w.get(), final} {
		if err := u.Terminate(t.Context()); err == nil {
			t.Fatal("it failed, and nobody was told")
		}
	}
	if err := w.toTheEnd(); err != nil {
		t.Errorf("going on: %v", err)
	}
	wantContent(t, w.store, final.rec.ID, "helloworld")
	w.store.foldWaiting(t.Context())
	if u := w.must(w.store.GetUpload(t.Context(), final.rec.ID)); !u.rec.complete() {
		t.Error("it is not folded")
	}
}
