package filestore

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
)

// holdsDigests returns a context under which whatever the store says of an upload
// of content is compared with the digests of the bytes that it says are there.
func holdsDigests(t *testing.T, content []byte, withSHA256 bool) context.Context {
	return WithObserver(t.Context(), func(info Info) {
		if want := crc32.Checksum(content[:info.Offset], castagnoli); info.CRC32C != want {
			t.Errorf("CRC-32C of %d bytes is %08x, want %08x", info.Offset, info.CRC32C, want)
		}
		want := sha256.Sum256(content[:info.Offset])
		if !withSHA256 && info.SHA256 != nil || withSHA256 && !bytes.Equal(info.SHA256, want[:]) {
			t.Errorf("SHA-256 of %d bytes is %x, want %x (%v)", info.Offset, info.SHA256, want, withSHA256)
		}
	})
}

// The digests go on over requests, commits inside of them and restarts, at any
// offset, and are never computed from the file, which holds something else when
// they are asked for. A restart with another setting changes nothing for an upload
// that exists.
func TestDigests(t *testing.T) {
	content := make([]byte, 3*bufferSize+5)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	for name, tt := range map[string]struct {
		withSHA256 bool
		deferred   bool
		ends       []int // of the requests
	}{
		"CRC-32C":                 {false, false, []int{1, 100, len(content)}},
		"SHA-256":                 {true, false, []int{1, 63, 64, 65, bufferSize, 2*bufferSize + 1, len(content)}},
		"SHA-256 in one":          {true, false, []int{len(content)}},
		"SHA-256 of a growing":    {true, true, []int{0, 64, 1000, 1000 + bufferSize}},
		"SHA-256 of nothing":      {true, false, []int{0}},
		"SHA-256 of nothing, yet": {true, true, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, stop := openStore(t, dir, Config{SHA256: tt.withSHA256})
			ctx := holdsDigests(t, content, tt.withSHA256)
			size := int64(tt.ends[len(tt.ends)-1])
			u, err := s.NewUpload(ctx, handler.FileInfo{Size: size, SizeIsDeferred: tt.deferred})
			if err != nil {
				t.Fatal(err)
			}
			id, from := infoOf(t, u).ID, 0
			reopen := func() {
				t.Helper()
				stop()
				scribble(t, filepath.Join(dir, dataPath(id)))
				s, stop = openStore(t, dir, Config{SHA256: !tt.withSHA256})
				if u, err = s.GetUpload(ctx, id); err != nil {
					t.Fatal(err)
				}
			}
			for _, end := range tt.ends {
				reopen()
				if end == from {
					continue
				}
				if n, err := u.WriteChunk(ctx, int64(from), bytes.NewReader(content[from:end])); n != int64(end-from) || err != nil {
					t.Fatalf("WriteChunk = %d, %v", n, err)
				}
				from = end
			}
			if tt.deferred {
				reopen()
				if err := s.AsLengthDeclarableUpload(u).DeclareLength(ctx, size); err != nil {
					t.Fatal(err)
				}
			}
			reopen()
			if err := u.FinishUpload(ctx); err != nil {
				t.Fatal(err)
			}
			// What is complete needs no state, which only Go can read.
			if c := u.(*upload).rec.commit; c.SHA256State != nil || (c.SHA256 != nil) != tt.withSHA256 {
				t.Errorf("the record ends with state %x, sum %x", c.SHA256State, c.SHA256)
			}
		})
	}
}

// scribble writes zeros over the file, if there is one.
func scribble(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = os.WriteFile(path, make([]byte, info.Size()), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Commits on the way of a long request carry the state too.
func TestDigestsInsideARequest(t *testing.T) {
	const size = commitEvery + 3*bufferSize
	commits := 0
	ctx := WithObserver(t.Context(), func(info Info) {
		commits++
		want := sha256.New()
		if _, err := io.CopyN(want, zeros{}, info.Offset); err != nil || !bytes.Equal(info.SHA256, want.Sum(nil)) {
			t.Errorf("SHA-256 of %d bytes is %x, want %x", info.Offset, info.SHA256, want.Sum(nil))
		}
	})
	s, _ := openStore(t, t.TempDir(), Config{SHA256: true})
	u, err := s.NewUpload(ctx, handler.FileInfo{SizeIsDeferred: true})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := u.WriteChunk(ctx, 0, io.LimitReader(zeros{}, size)); n != size || err != nil {
		t.Fatalf("WriteChunk = %d, %v", n, err)
	}
	if commits < 3 {
		t.Errorf("%d commits, want one on the way", commits)
	}
}

// A state that cannot be read is an error, not a digest of something else, and
// not a reason to believe an older line.
func TestDigestStateUnreadable(t *testing.T) {
	text, _ := lines("a.bin", 0)
	for _, state := range []string{"sha", "sha\x03 but too short", "md5\x01" + string(make([]byte, 104))} {
		record := appendLine(bytes.Clone(text), commit{Offset: 5, Length: lengthOf(10), SHA256State: []byte(state)})
		if rec, err := readRecord(bytes.NewReader(record), int64(len(record))); err == nil {
			t.Errorf("%.4q was accepted: %+v", state, rec)
		}
	}
}

// What the bytes cost beside their way to the disk. The README has the numbers, in
// seconds for each GiB.
func BenchmarkDigests(b *testing.B) {
	request := func(header, trailer http.Header) *checksum.Expectation {
		r := &http.Request{Header: header, Trailer: trailer, Body: http.NoBody}
		r, err := checksum.Attach(r)
		if err != nil {
			b.Fatal(err)
		}
		return checksum.From(r.Context())
	}
	sum := func(name string, size int) *checksum.Expectation {
		field := name + " " + base64.StdEncoding.EncodeToString(make([]byte, size))
		return request(http.Header{checksum.Field: {field}}, nil)
	}
	for _, tt := range []struct {
		name       string
		withSHA256 bool
		chunk      *checksum.Expectation
	}{
		{name: "CRC-32C"},
		{name: "SHA-256", withSHA256: true},
		{name: "header/sha1", chunk: sum("sha1", sha1.Size)},
		{name: "header/sha256", chunk: sum("sha256", sha256.Size)},
		{name: "header/md5", chunk: sum("md5", md5.Size)},
		{name: "header/crc32c", chunk: sum("crc32c", crc32.Size)},
		{name: "trailer", chunk: request(nil, http.Header{checksum.Field: nil})},
	} {
		b.Run(tt.name, func(b *testing.B) {
			d, p := newDigests(tt.withSHA256), make([]byte, 1<<20)
			d.chunk = tt.chunk
			b.SetBytes(int64(len(p)))
			for b.Loop() {
				d.update(p)
			}
		})
	}
}
