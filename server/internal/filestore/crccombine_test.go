package filestore

import (
	"bytes"
	"hash/crc32"
	"io"
	"math"
	"testing"
)

// The CRC of two pieces from those of each is that of both together.
func TestCombine(t *testing.T) {
	for _, tt := range []struct{ first, second string }{
		{"", ""}, {"a", ""}, {"", "a"}, {"hello", "world"}, {"\x00", "\x00\x00"}, {"123456789", "\xff"},
	} {
		checkCombine(t, []byte(tt.first), []byte(tt.second))
	}
	long := make([]byte, 1<<17+3)
	_, _ = io.ReadFull(zeros{}, long)
	for _, n := range []int{1, 255, 256, 257, 1<<16 - 1, 1 << 16, len(long)} {
		checkCombine(t, []byte("begin"), long[:n])
		checkCombine(t, long[:n], []byte("end"))
	}
}

// The known CRC-32C of "123456789", in two pieces cut anywhere.
func TestCombineKnown(t *testing.T) {
	const text, want = "123456789", 0xe3069283
	for i := range len(text) + 1 {
		first, second := crc32.Checksum([]byte(text[:i]), castagnoli), crc32.Checksum([]byte(text[i:]), castagnoli)
		if got := combine(first, second, int64(len(text)-i)); got != want {
			t.Errorf("cut at %d: %08x, want %08x", i, got, want)
		}
	}
}

// Lengths that nobody can hash at once: in three pieces it does not matter which
// two are combined first.
func TestCombineLong(t *testing.T) {
	lengths := []int64{1, 1 << 31, 1<<32 - 1, 1 << 40, math.MaxInt64 / 2}
	for _, n := range lengths {
		for _, m := range lengths {
			left := combine(combine(0x12345678, 0x9abcdef0, n), 0x0f1e2d3c, m)
			right := combine(0x12345678, combine(0x9abcdef0, 0x0f1e2d3c, m), n+m)
			if left != right {
				t.Errorf("%d and %d bytes: %08x and %08x", n, m, left, right)
			}
		}
	}
}

func FuzzCombine(f *testing.F) {
	f.Add([]byte("hello"), []byte("world"))
	f.Add([]byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, first, second []byte) { checkCombine(t, first, second) })
}

func checkCombine(t *testing.T, first, second []byte) {
	t.Helper()
	got := combine(crc32.Checksum(first, castagnoli), crc32.Checksum(second, castagnoli), int64(len(second)))
	if want := crc32.Checksum(bytes.Join([][]byte{first, second}, nil), castagnoli); got != want {
		t.Errorf("%d and %d bytes: %08x, want %08x", len(first), len(second), got, want)
	}
}
