package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// partOf creates a partial upload of content, of which the first n bytes are
// there.
func partOf(t *testing.T, s *Store, content string, n int) string {
	t.Helper()
	u, err := s.NewUpload(t.Context(), handler.FileInfo{Size: int64(len(content)), IsPartial: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.WriteChunk(t.Context(), 0, strings.NewReader(content[:n])); err != nil {
		t.Fatal(err)
	}
	return infoOf(t, u).ID
}

func partsOf(t *testing.T, s *Store, contents ...string) (ids []string) {
	t.Helper()
	for _, content := range contents {
		ids = append(ids, partOf(t, s, content, len(content)))
	}
	return ids
}

func concatOf(s *Store, parts ...string) (handler.Upload, error) {
	return s.NewUpload(context.Background(), handler.FileInfo{IsFinal: true, PartialUploads: parts, MetaData: handler.MetaData{"filename": "name.bin"}})
}

// mustConcat creates a final upload and returns its id.
func mustConcat(t *testing.T, s *Store, parts ...string) string {
	t.Helper()
	u, err := concatOf(s, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return infoOf(t, u).ID
}

// wantContent reads an upload as downloads do.
func wantContent(t *testing.T, s *Store, id, want string) {
	t.Helper()
	f, _, err := s.Open(t.Context(), id)
	if err != nil {
		t.Errorf("Open: %v", err)
		return
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || string(got) != want {
		t.Errorf("read %q, error %v; want %q", got, err, want)
	}
}

func writeRest(t *testing.T, s *Store, id, rest string) {
	t.Helper()
	u, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.WriteChunk(t.Context(), u.(*upload).rec.Offset, strings.NewReader(rest)); err != nil {
		t.Fatal(err)
	}
}

// A final upload is there at once, and one file of its own after folding.
func TestConcat(t *testing.T) {
	dir := t.TempDir()
	s, _ := openStore(t, dir, Config{})
	id := mustConcat(t, s, partsOf(t, s, "hello", "", "wor", "ld")...)
	_, info, err := s.Open(t.Context(), id)
	if err != nil || info.Offset != 10 || info.CRC32C != 0x56cbb480 || !info.Complete || info.Pending || info.Name != "name.bin" {
		t.Errorf("%+v, error %v", info, err)
	}
	wantContent(t, s, id, "helloworld")
	wantNames(t, filepath.Join(dir, "files"))
	s.foldWaiting(t.Context())
	wantContent(t, s, id, "helloworld")
	wantFile(t, filepath.Join(dir, "files", "name.bin"), "helloworld")
	wantNames(t, filepath.Join(dir, "uploads"), id+".log")
	if _, again, err := s.Open(t.Context(), id); err != nil || again.CRC32C != info.CRC32C || again.Offset != info.Offset {
		t.Errorf("after folding %+v, error %v", again, err)
	}
}

// Who asks for the same parts again gets the same upload, whatever has become of
// them, and never a second one.
func TestConcatAgain(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	parts := partsOf(t, s, "hello", "world")
	id := mustConcat(t, s, parts...)
	again := func(when string) {
		t.Helper()
		u, err := s.NewUpload(t.Context(), handler.FileInfo{IsFinal: true, PartialUploads: parts, MetaData: handler.MetaData{"filename": "other.bin"}})
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if got := infoOf(t, u); got.ID != id || got.Offset != 10 || got.Size != 10 || got.MetaData["filename"] != "name.bin" {
			t.Errorf("%s: %+v", when, got)
		}
	}
	again("at once")
	stop()
	s, stop = openStore(t, dir, Config{})
	again("after a restart")
	s.foldWaiting(t.Context())
	again("after folding")
	stop()
	s, _ = openStore(t, dir, Config{})
	again("after folding and a restart")
	s.foldWaiting(t.Context())
	wantNames(t, filepath.Join(dir, "files"), "name.bin")
	if other := mustConcat(t, s, partsOf(t, s, "hello", "world")...); other == id {
		t.Error("other parts make the same upload")
	}
}

// Whatever cannot be a part is refused with an error of its own, nothing is
// created, and the other parts are as free as before.
func TestConcatRefused(t *testing.T) {
	now := epoch
	dir := t.TempDir()
	s, _ := openStore(t, dir, Config{ExpireAfter: time.Hour, MaxSize: 10, Now: func() time.Time { return now }})
	old := partOf(t, s, "old", 3)
	now = now.Add(time.Hour)
	good := partOf(t, s, "good", 4)
	whole, taken := put(t, s, 5, "hello").ID, partOf(t, s, "x", 1)
	mustConcat(t, s, taken)
	deferred, err := s.NewUpload(t.Context(), handler.FileInfo{SizeIsDeferred: true, IsPartial: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deferred.WriteChunk(t.Context(), 0, strings.NewReader("1234567")); err != nil {
		t.Fatal(err)
	}
	huge := make([]string, MaxParts+1)
	for i := range huge {
		huge[i] = newID()
	}
	for name, tt := range map[string]struct {
		parts []string
		want  error
	}{
		"none":              {nil, ErrPartCount},
		"too many":          {huge, ErrPartCount},
		"twice the same":    {[]string{good, good}, ErrPartRepeated},
		"unknown":           {[]string{good, newID()}, ErrPartNotFound},
		"no id":             {[]string{good, "../" + good}, ErrPartNotFound},
		"not partial":       {[]string{good, whole}, ErrPartNotPartial},
		"final":             {[]string{good, mustConcat(t, s, partOf(t, s, "y", 1))}, ErrPartNotPartial},
		"taken":             {[]string{good, taken}, ErrPartTaken},
		"expired":           {[]string{good, old}, ErrPartExpired},
		"too large":         {[]string{good, partOf(t, s, "1234567", 2)}, handler.ErrMaxSizeExceeded},
		"too large already": {[]string{good, infoOf(t, deferred).ID}, handler.ErrMaxSizeExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := os.ReadDir(filepath.Join(dir, "uploads"))
			if u, err := concatOf(s, tt.parts...); !errors.Is(err, tt.want) {
				t.Errorf("NewUpload = %v, %v; want %v", u, err, tt.want)
			}
			if after, _ := os.ReadDir(filepath.Join(dir, "uploads")); len(after) != len(before) {
				t.Errorf("%d files before, %d after", len(before), len(after))
			}
		})
	}
	mustConcat(t, s, good)
}

// A final upload over unfinished parts says what is known, and is complete with
// the last of them: also if the server restarts before anything else is done.
func TestConcatUnfinished(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			dir := t.TempDir()
			s, stop := openStore(t, dir, Config{})
			again := func() {
				if restart {
					stop()
					s, stop = openStore(t, dir, Config{})
				}
			}
			open, err := s.NewUpload(t.Context(), handler.FileInfo{SizeIsDeferred: true, IsPartial: true})
			if err != nil {
				t.Fatal(err)
			}
			parts := []string{partOf(t, s, "hello", 2), infoOf(t, open).ID}
			id := mustConcat(t, s, parts...)
			again()
			wantPending(t, s, id, nil)
			writeRest(t, s, parts[0], "llo")
			writeRest(t, s, parts[1], "world")
			again()
			wantPending(t, s, id, nil)
			s.foldWaiting(t.Context())
			u, err := s.GetUpload(t.Context(), parts[1])
			if err != nil {
				t.Fatal(err)
			}
			if err := u.(*upload).DeclareLength(t.Context(), 5); err != nil {
				t.Fatal(err)
			}
			again()
			wantContent(t, s, id, "helloworld")
			s.foldWaiting(t.Context())
			wantFile(t, filepath.Join(dir, "files", "name.bin"), "helloworld")
			wantNames(t, filepath.Join(dir, "uploads"), id+".log")
		})
	}
	t.Run("lengths known", func(t *testing.T) {
		s, _ := openStore(t, t.TempDir(), Config{})
		id := mustConcat(t, s, partOf(t, s, "hello", 2), partOf(t, s, "world", 0))
		wantPending(t, s, id, lengthOf(10))
	})
	t.Run("too large once declared", func(t *testing.T) {
		s, _ := openStore(t, t.TempDir(), Config{MaxSize: 10})
		open, err := s.NewUpload(t.Context(), handler.FileInfo{SizeIsDeferred: true, IsPartial: true})
		if err != nil {
			t.Fatal(err)
		}
		mustConcat(t, s, partOf(t, s, "hello", 2), infoOf(t, open).ID)
		if err := open.(*upload).DeclareLength(t.Context(), 6); !errors.Is(err, handler.ErrMaxSizeExceeded) {
			t.Errorf("DeclareLength: %v, want ErrMaxSizeExceeded", err)
		}
		if err := open.(*upload).DeclareLength(t.Context(), 5); err != nil {
			t.Errorf("DeclareLength: %v", err)
		}
	})
}

func wantPending(t *testing.T, s *Store, id string, length *int64) {
	t.Helper()
	var info Info
	if _, err := s.GetUpload(WithObserver(t.Context(), func(i Info) { info = i }), id); err != nil {
		t.Fatal(err)
	}
	if !info.Pending || info.Complete || (info.Length == nil) != (length == nil) || length != nil && *info.Length != *length {
		t.Errorf("%+v, want it pending", info)
	}
	if _, _, err := s.Open(t.Context(), id); !errors.Is(err, ErrUnfinished) {
		t.Errorf("Open: %v, want ErrUnfinished", err)
	}
}

// The bytes of a final upload are those of its parts, and nobody else's.
func TestConcatTakesNoBytes(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	id := mustConcat(t, s, partOf(t, s, "hello", 2))
	u, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := u.WriteChunk(t.Context(), 0, strings.NewReader("x")); n != 0 || !errors.Is(err, handler.ErrModifyFinal) {
		t.Errorf("WriteChunk = %d, %v", n, err)
	}
	if err := u.(*upload).DeclareLength(t.Context(), 0); !errors.Is(err, handler.ErrModifyFinal) {
		t.Errorf("DeclareLength: %v", err)
	}
	if err := u.FinishUpload(t.Context()); !errors.Is(err, ErrUnfinished) {
		t.Errorf("FinishUpload: %v", err)
	}
}

// A partial upload is no file: it is not published, and not read.
func TestPartial(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	id := partOf(t, s, "hello", 5)
	for range 2 {
		u, err := s.GetUpload(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.FinishUpload(t.Context()); err != nil {
			t.Errorf("FinishUpload: %v", err)
		}
		if got := infoOf(t, u); !got.IsPartial || got.IsFinal || got.Offset != 5 {
			t.Errorf("%+v", got)
		}
		if _, _, err := s.Open(t.Context(), id); !errors.Is(err, ErrPartial) {
			t.Errorf("Open: %v, want ErrPartial", err)
		}
		wantNames(t, filepath.Join(dir, "files"))
		wantNames(t, filepath.Join(dir, "uploads"), id+".data", id+".log")
		stop()
		s, stop = openStore(t, dir, Config{})
	}
}
