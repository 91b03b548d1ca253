package filestore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// An upload that is not complete cannot be finished, and is none the worse.
func TestFinishUnfinished(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s, _ := openStore(t, dir, Config{})
	for _, info := range []handler.FileInfo{{Size: 10}, {SizeIsDeferred: true}} {
		u, err := s.NewUpload(ctx, info)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.FinishUpload(ctx); !errors.Is(err, ErrUnfinished) {
			t.Errorf("FinishUpload: %v, want ErrUnfinished", err)
		}
		if got := infoOf(t, u); got.Offset != 0 || got.SizeIsDeferred != info.SizeIsDeferred {
			t.Errorf("afterwards: offset %d, deferred %v", got.Offset, got.SizeIsDeferred)
		}
	}
	wantNames(t, filepath.Join(dir, "files"))
}

// A complete upload that was not published is when it is next asked for: the
// client whose last answer was an error finds it finished.
func TestAskingPublishes(t *testing.T) {
	dir := t.TempDir()
	s, _ := openStore(t, dir, Config{})
	u := newUpload(t, s, "hello")
	wantNames(t, filepath.Join(dir, "files"))
	if _, err := s.GetUpload(t.Context(), u.rec.ID); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "files", "name.bin"), "hello")
	wantNames(t, filepath.Join(dir, "uploads"), u.rec.ID+".log")
}
