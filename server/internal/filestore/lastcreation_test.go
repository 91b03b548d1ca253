package filestore

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// counting counts the bytes that are read.
type counting struct {
	*bytes.Reader
	read int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.read += n
	return n, err
}

// A large creation is read once, as long as nobody asks for another; its commits
// are read each time.
func TestLastCreation(t *testing.T) {
	var l lastCreation
	ask := func(id, concat string, offset int64) (read int) {
		t.Helper()
		text := appendLine(nil, creation{Version: recordVersion, ID: id, Concat: []byte(concat)})
		text = appendLine(text, commit{Offset: offset})
		r := &counting{Reader: bytes.NewReader(text)}
		rec, err := l.readRecord(r, int64(len(text)), id)
		if err != nil || rec.ID != id || string(rec.Concat) != concat || rec.Offset != offset {
			t.Fatalf("read another record, error %v", err)
		}
		return r.read
	}
	large := func(s string) string { return strings.Repeat(s, rememberFrom) }
	a, b := newID(), newID()
	for _, tt := range []struct {
		id, concat string
		again      bool
	}{
		{a, large("x"), false}, {a, large("x"), true}, {a, "x", false}, {a, large("x"), true}, // a small one does not count
		{a, large("y"), false}, {a, large("y"), true}, // removed, and made again
		{b, large("y"), false}, {b, large("y"), true}, {a, large("y"), false},
	} {
		read := ask(tt.id, tt.concat, 3)
		if again := read < rememberFrom && len(tt.concat) > 1; again != tt.again {
			t.Errorf("%s, %d bytes of %.1s: %d bytes were read", tt.id, len(tt.concat), tt.concat, read)
		}
		ask(tt.id, tt.concat, 4)
	}
}

// A final upload that is terminated and made again with other words has these.
func TestLargeFinalMadeAgain(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	ids := partsOf(t, s, "hello", "world")
	for _, said := range []string{"first", "second"} {
		concat := "final;" + strings.Repeat(said, rememberFrom)
		u, err := s.NewUpload(WithHeaders(t.Context(), Headers{Concat: concat}), handler.FileInfo{IsFinal: true, PartialUploads: ids})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			var got string
			ctx := WithObserver(t.Context(), func(info Info) { got = info.Headers.Concat })
			again, err := s.GetUpload(ctx, u.(*upload).rec.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got != concat {
				t.Errorf("%s: it says %.20s…", said, got)
			}
			u = again
		}
		if err := u.(*upload).Terminate(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkAskLargeFinal is what each request for a final upload of 10,000 parts
// begins with.
//
//	go test -run ^$ -bench AskLargeFinal ./server/internal/filestore
func BenchmarkAskLargeFinal(b *testing.B) {
	d := b.TempDir()
	s, _ := openStore(b, d, Config{})
	s.root = s.root.Unsynced()
	var ids, urls []string
	for range MaxParts {
		u, err := s.NewUpload(b.Context(), handler.FileInfo{IsPartial: true})
		if err != nil {
			b.Fatal(err)
		}
		id := u.(*upload).rec.ID
		ids, urls = append(ids, id), append(urls, "https://files.example.org/files/"+id)
	}
	ctx := WithHeaders(b.Context(), Headers{Concat: "final;" + strings.Join(urls, " ")})
	u, err := s.NewUpload(ctx, handler.FileInfo{IsFinal: true, PartialUploads: ids})
	if err != nil {
		b.Fatal(err)
	}
	id := u.(*upload).rec.ID
	for _, folded := range []bool{false, true} {
		name := "unfolded"
		if folded {
			name = "folded"
			s.foldWaiting(b.Context())
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				u, err := s.GetUpload(b.Context(), id)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := u.GetInfo(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
