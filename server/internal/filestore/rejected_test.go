package filestore

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/digest"
)

// A CRC-32C that was announced of a final upload is known to be wrong at once.
func TestConcatRejectedAtOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		crc32c []byte
		want   error
	}{
		"right": {[]byte{0x56, 0xcb, 0xb4, 0x80}, nil},
		"wrong": {[]byte{0x56, 0xcb, 0xb4, 0x81}, ErrRejected},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := openStore(t, t.TempDir(), Config{})
			ctx := WithWish(t.Context(), Wish{Announced: digest.Sums{CRC32C: tt.crc32c}})
			u, err := s.NewUpload(ctx, handler.FileInfo{IsFinal: true, PartialUploads: partsOf(t, s, "hello", "world")})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				f, _, err := s.Open(t.Context(), u.(*upload).rec.ID)
				if !errors.Is(err, tt.want) {
					t.Errorf("Open: %v, want %v", err, tt.want)
				}
				if err == nil {
					f.Close()
				}
				s.foldWaiting(t.Context())
			}
		})
	}
}

// A final upload whose bytes are not those that were announced is folded, not
// published, and dies; with the right digest, which nobody knows before it is
// folded, it is a file.
func TestConcatRejected(t *testing.T) {
	right := sha256.Sum256([]byte("helloworld"))
	for name, announced := range map[string][]byte{"right": right[:], "wrong": make([]byte, 32)} {
		t.Run(name, func(t *testing.T) {
			now := epoch
			dir := t.TempDir()
			cfg := Config{ExpireAfter: time.Hour, Now: func() time.Time { return now }}
			s, stop := openStore(t, dir, cfg)
			ctx := WithWish(t.Context(), Wish{Announced: digest.Sums{SHA256: announced}})
			u, err := s.NewUpload(ctx, handler.FileInfo{IsFinal: true, PartialUploads: partsOf(t, s, "hello", "world")})
			if err != nil {
				t.Fatal(err)
			}
			id := u.(*upload).rec.ID
			if _, _, err := s.Open(t.Context(), id); !errors.Is(err, ErrUnfinished) {
				t.Errorf("Open before it is folded: %v, want ErrUnfinished", err)
			}
			s.foldWaiting(t.Context())
			if name == "right" {
				wantContent(t, s, id, "helloworld")
				wantFile(t, filepath.Join(dir, "files", id), "helloworld")
				return
			}
			for range 2 {
				if _, _, err := s.Open(t.Context(), id); !errors.Is(err, ErrRejected) {
					t.Errorf("Open: %v, want ErrRejected", err)
				}
				wantNames(t, filepath.Join(dir, "files"))
				wantNames(t, filepath.Join(dir, "uploads"), id+".data", id+".log")
				stop()
				s, stop = openStore(t, dir, cfg) // which folds nothing, as when it only sweeps
			}
			now = now.Add(time.Hour)
			wantOverdue(t, dir, cfg, stop, id)
			s, _ = openStore(t, dir, cfg)
			if ids := s.Expired(); !slices.Equal(ids, []string{id}) {
				t.Errorf("Expired = %q", ids)
			}
			if removed, _, err := s.RemoveExpired(id); !removed || err != nil {
				t.Errorf("RemoveExpired = %v, %v", removed, err)
			}
			wantNames(t, filepath.Join(dir, "uploads"))
		})
	}
}

// A rejection whose parts were not removed yet leaves none of them.
func TestCrashWhileRejecting(t *testing.T) {
	_, parts := randomParts(2)
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	ctx := WithWish(t.Context(), Wish{Announced: digest.Sums{SHA256: make([]byte, 32)}})
	ids := partsOf(t, s, parts...)
	if _, err := s.NewUpload(ctx, handler.FileInfo{IsFinal: true, PartialUploads: ids}); err != nil {
		t.Fatal(err)
	}
	st := newStepper(t, s)
	for !st.u.rec.Rejected {
		st.step()
	}
	stop()
	if err := os.Remove(filepath.Join(dir, recordPath(ids[1]))); err != nil {
		t.Fatal(err)
	}
	openStore(t, dir, Config{})
	wantNames(t, filepath.Join(dir, "uploads"), st.f.id+".data", st.f.id+".log")
	wantNames(t, filepath.Join(dir, quarantine))
}

// wantOverdue stops the store in dir and checks what a sweep would remove.
func wantOverdue(t *testing.T, dir string, cfg Config, stop func(), want ...string) {
	t.Helper()
	stop()
	d, err := datadir.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	list, err := ListOverdue(d, cfg)
	var got []string
	for _, o := range list {
		got = append(got, o.ID)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("ListOverdue = %q, %v; want %q", got, err, want)
	}
}
