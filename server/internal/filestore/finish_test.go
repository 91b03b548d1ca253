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
