package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
)

// held returns ctx and src as those of a request that came with the SHA-256 sum.
func held(t *testing.T, ctx context.Context, src io.Reader, sum []byte) (context.Context, io.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPatch, "/", src)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(checksum.Field, "sha256 "+base64.StdEncoding.EncodeToString(sum))
	if r, err = checksum.Attach(r); err != nil {
		t.Fatal(err)
	}
	return r.Context(), r.Body
}

func sha256Of(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// A chunk with a checksum is committed at its end only, however long it is and
// however long it takes.
func TestNoCommitInsideAChecksum(t *testing.T) {
	const size = commitEvery + 3*bufferSize
	sum := sha256.New()
	if _, err := io.CopyN(sum, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		sum  []byte
		want int64
	}{"right": {sum.Sum(nil), size}, "wrong": {sha256Of(""), 0}} {
		t.Run(name, func(t *testing.T) {
			commits := 0
			ctx := WithObserver(t.Context(), func(Info) { commits++ })
			dir := t.TempDir()
			s, _ := openStore(t, dir, Config{})
			u, err := s.NewUpload(ctx, handler.FileInfo{SizeIsDeferred: true})
			if err != nil {
				t.Fatal(err)
			}
			commits = 0
			ctx, src := held(t, ctx, io.LimitReader(zeros{}, size), tt.sum)
			n, err := u.WriteChunk(ctx, 0, src)
			if n != tt.want || (err == nil) != (n > 0) || commits != min(1, int(n)) {
				t.Errorf("WriteChunk = %d, %v with %d commits; want %d", n, err, commits, tt.want)
			}
			// A full disk gets back what does not count.
			data, err := os.Stat(filepath.Join(dir, dataPath(u.(*upload).rec.ID)))
			if err != nil || data.Size() != tt.want {
				t.Errorf("the data file has %d bytes, error %v; want %d", data.Size(), err, tt.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.unfinished(0)
		ctx, src := held(t, w.ctx(), slowly(content), sha256Of("another"))
		if n, err := w.get().WriteChunk(ctx, 0, src); n != 0 || !errors.Is(err, checksum.ErrMismatch) || w.offset != 0 {
			t.Errorf("WriteChunk = %d, %v, told %d; want 0 and ErrMismatch", n, err, w.offset)
		}
	})
}
