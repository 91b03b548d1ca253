package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
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
