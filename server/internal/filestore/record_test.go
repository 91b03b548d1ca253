package filestore

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func lengthOf(n int64) *int64 { return &n }

// lines returns a record whose commits have the given offsets, and where each
// of its lines ends.
func lines(meta string, offsets ...int64) (text []byte, ends []int) {
	text = appendLine(nil, creation{Version: recordVersion, ID: strings.Repeat("a", idLength), Created: epoch, Metadata: []byte(handler.SerializeMetadataHeader(handler.MetaData{"filename": meta}))})
	ends = append(ends, len(text))
	for _, offset := range offsets {
		text = appendLine(text, commit{Offset: offset, Length: lengthOf(1 << 40), At: epoch})
		ends = append(ends, len(text))
	}
	return text, ends
}

// A record that was cut anywhere says what its last whole line says.
func TestRecordCutAnywhere(t *testing.T) {
	text, ends := lines("a.bin", 0, 10, 20, 30)
	for size := range len(text) + 1 {
		rec, err := readRecord(bytes.NewReader(text), int64(size))
		whole := -1 // index of the last whole commit
		for i, end := range ends[1:] {
			if end <= size {
				whole = i
			}
		}
		if whole < 0 {
			if !errors.Is(err, errNoRecord) {
				t.Errorf("cut at %d: got %v, want errNoRecord", size, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("cut at %d: %v", size, err)
			continue
		}
		if got, want := rec.Offset, int64(whole*10); got != want {
			t.Errorf("cut at %d: offset %d, want %d", size, got, want)
		}
		if got, want := rec.end, int64(ends[whole+1]); got != want {
			t.Errorf("cut at %d: end %d, want %d", size, got, want)
		}
	}
}

// A damaged byte anywhere in the last line makes the line before it count.
func TestRecordDamagedLastLine(t *testing.T) {
	text, ends := lines("a.bin", 0, 10, 20)
	for i := ends[2]; i < len(text); i++ {
		damaged := bytes.Clone(text)
		damaged[i] ^= 0x04
		rec, err := readRecord(bytes.NewReader(damaged), int64(len(damaged)))
		if err != nil || rec.Offset != 10 {
			t.Errorf("byte %d damaged: offset %d, error %v; want 10", i, rec.Offset, err)
		}
	}
}

// Every bit of a record flipped in turn: without its creation it is none, and
// else it says what one of its lines said, the last one if that is whole.
func TestRecordEveryBitFlipped(t *testing.T) {
	for name, meta := range map[string]string{"text": "a.bin", "no text": "caf\xe9"} {
		t.Run(name, func(t *testing.T) {
			offsets := []int64{0, 10, 20, 30}
			text, ends := lines(meta, offsets...)
			for bit := range 8 * len(text) {
				damaged := bytes.Clone(text)
				damaged[bit/8] ^= 1 << (bit % 8)
				line, _ := slices.BinarySearch(ends, bit/8+1) // the one that was hit
				rec, err := readRecord(bytes.NewReader(damaged), int64(len(damaged)))
				switch {
				case line == 0 && err == nil && damaged[bit/8]&0x5f == text[bit/8]&0x5f:
					// Another case of a hexadecimal digit of the checksum.
				case line == 0 && !errors.Is(err, errDamaged):
					t.Fatalf("bit %d of byte %d: %v, want errDamaged", bit%8, bit/8, err)
				case line == 0:
				case err != nil:
					t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
				case rec.metaData()["filename"] != meta, !slices.Contains(offsets, rec.Offset), *rec.Length != 1<<40:
					t.Fatalf("bit %d of byte %d: accepted %+v", bit%8, bit/8, rec)
				case line == len(offsets) && rec.Offset != 20 && damaged[bit/8]&0x5f != text[bit/8]&0x5f:
					t.Fatalf("bit %d of byte %d: offset %d, want that of the line before, 20", bit%8, bit/8, rec.Offset)
				case line < len(offsets) && bit/8 < ends[line]-1 && rec.Offset != 30:
					t.Fatalf("bit %d of byte %d: offset %d, but the last line is whole", bit%8, bit/8, rec.Offset)
				}
			}
		})
	}
}

// Records longer than the window that is read first, with garbage at the end
// that is longer than it too.
func TestRecordLong(t *testing.T) {
	offsets := make([]int64, 500)
	for i := range offsets {
		offsets[i] = int64(i)
	}
	text, _ := lines(strings.Repeat("long name ", 1000), offsets...)
	for name, tail := range map[string][]byte{
		"clean":            nil,
		"zeros":            make([]byte, 100),
		"more than window": bytes.Repeat([]byte("garbage\n"), tailWindow),
	} {
		t.Run(name, func(t *testing.T) {
			all := append(bytes.Clone(text), tail...)
			rec, err := readRecord(bytes.NewReader(all), int64(len(all)))
			if err != nil || rec.Offset != 499 || rec.end != int64(len(text)) {
				t.Errorf("offset %d, end %d, error %v; want 499, %d", rec.Offset, rec.end, err, len(text))
			}
		})
	}
}

// The headers of the creation come back to the byte, be they text or not: HEAD
// must repeat them.
func TestRecordHeaders(t *testing.T) {
	for name, header := range map[string]string{
		"none":        "",
		"usual":       "filename w4RyZ2VyLnR4dA==,is_confidential",
		"odd spacing": "filename w4RyZ2VyLnR4dA== , empty ,b YQ==,",
		"not UTF-8":   "caf\xe9 YQ==,caf\xe8 Yg==",
	} {
		t.Run(name, func(t *testing.T) {
			c := creation{Version: recordVersion, Metadata: []byte(header), Concat: []byte(header)}
			text := appendLine(appendLine(nil, c), commit{})
			rec, err := readRecord(bytes.NewReader(text), int64(len(text)))
			if err != nil || string(rec.Metadata) != header || string(rec.Concat) != header {
				t.Errorf("metadata %q, concat %q, error %v; want %q", rec.Metadata, rec.Concat, err, header)
			}
		})
	}
}

// Metadata that never was a header, or that somebody changed, is kept all the
// same.
func TestHeadersOf(t *testing.T) {
	const header = "b YQ==,filename YS5iaW4="
	ctx := WithHeaders(t.Context(), Headers{Metadata: header})
	sent := handler.MetaData{"filename": "a.bin", "b": "a"}
	changed := handler.MetaData{"filename": "other.bin"}
	for name, tt := range map[string]struct {
		ctx  context.Context
		meta handler.MetaData
		want string
	}{
		"as sent":      {ctx, sent, header},
		"changed":      {ctx, changed, "filename b3RoZXIuYmlu"},
		"no header":    {t.Context(), changed, "filename b3RoZXIuYmlu"},
		"not UTF-8":    {t.Context(), handler.MetaData{"caf\xe9": "a"}, "caf\xe9 YQ=="},
		"none":         {t.Context(), nil, ""},
		"none is left": {ctx, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := headersOf(tt.ctx, handler.FileInfo{MetaData: tt.meta}).Metadata; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRecordOfAnotherVersion(t *testing.T) {
	text := appendLine(appendLine(nil, creation{Version: recordVersion + 1}), commit{})
	_, err := readRecord(bytes.NewReader(text), int64(len(text)))
	if err == nil || errors.Is(err, errNoRecord) || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("got %v, want an error that names version 2", err)
	}
}

func FuzzReadRecord(f *testing.F) {
	text, ends := lines("a.bin", 0, 10)
	f.Add(text)
	f.Add(text[:ends[1]+3])
	f.Add(append(bytes.Clone(text), 0, 0, 0, '\n'))
	f.Add([]byte("00000000 \n00000000 \n"))
	for i := range text {
		damaged := bytes.Clone(text)
		damaged[i] ^= 1 << (i % 8)
		f.Add(damaged)
	}
	binary, ends := lines("caf\xe9", 0, 10, 20)
	f.Add(binary)
	f.Add(append(bytes.Clone(binary), bytes.Repeat([]byte("x\n"), tailWindow)...))
	f.Add(append(bytes.Clone(binary[:ends[1]]), binary[ends[2]:]...)) // a line missing
	f.Add(append(bytes.Clone(binary[:ends[0]]), binary...))           // a creation twice
	f.Add(binary[ends[0]:])                                           // no creation
	f.Add(appendLine(appendLine(nil, creation{Version: recordVersion}), commit{Offset: -1}))
	f.Add(appendLine(appendLine(nil, creation{Version: recordVersion}), commit{Offset: 2, Length: lengthOf(1)}))
	f.Add(appendLine(appendLine(nil, creation{Version: recordVersion}), commit{Offset: 1 << 62}))
	d := newDigests(true)
	f.Add(appendLine(appendLine(nil, creation{Version: recordVersion}), commit{SHA256State: d.state()}))
	f.Add(appendLine(appendLine(nil, creation{Version: recordVersion}), commit{Length: lengthOf(0), SHA256: d.sha256.Sum(nil), Rejected: true}))
	f.Fuzz(func(t *testing.T, text []byte) {
		rec, err := readRecord(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return
		}
		if !rec.valid() || rec.end > int64(len(text)) || text[rec.end-1] != '\n' {
			t.Fatalf("accepted %+v", rec)
		}
		// What was accepted can be appended to and read again.
		next := commit{Offset: rec.Offset + 1, At: epoch}
		grown := appendLine(bytes.Clone(text[:rec.end]), next)
		again, err := readRecord(bytes.NewReader(grown), int64(len(grown)))
		if err != nil || again.Offset != next.Offset {
			t.Fatalf("after appending: offset %d, error %v; want %d", again.Offset, err, next.Offset)
		}
	})
}
