// Package trail remembers how a file looked as it was read.
//
// A [Trail] is the CRC-32C of a prefix of a file, and of each shorter prefix
// that ends on a multiple of [Step]. Bytes go in through [Trail.Write] in the
// order in which they stand in the file. Four bytes per step are kept, 64 KiB
// for 1 TiB, so a trail fits into memory and into a resume record.
//
// A trail answers two questions without reading the whole file again: does a
// server hold the same first n bytes, and from where must the file be reread to
// know the sum at n (at most one step before it).
package trail

import (
	"fmt"
	"hash/crc32"
	"slices"
)

// Step is the distance in bytes between the prefixes whose sums are kept.
const Step = 64 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Trail holds the sums of the prefixes of one file. The zero value is the trail
// of the empty prefix. Copy it with Clone. It is not safe for concurrent use.
type Trail struct {
	offset int64
	sum    uint32
	steps  []uint32 // steps[i] is the sum of the first (i+1)*Step bytes
	mark   point    // somewhere up to offset
}

type point struct {
	offset int64
	sum    uint32
}

// Offset returns how many bytes were written.
func (t *Trail) Offset() int64 { return t.offset }

// Sum returns the CRC-32C of the first Offset bytes.
func (t *Trail) Sum() uint32 { return t.sum }

// Write appends p to the prefix. It never fails.
func (t *Trail) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		n := min(int64(len(p)), Step-t.offset%Step)
		t.sum = crc32.Update(t.sum, castagnoli, p[:n])
		t.offset += n
		p = p[n:]
		if t.offset%Step == 0 {
			t.steps = append(t.steps, t.sum)
		}
	}
	return total, nil
}

// Mark makes At know the present end also when more is written. There is one
// mark; it replaces the one before.
func (t *Trail) Mark() { t.mark = point{t.offset, t.sum} }

// At returns the sum of the first offset bytes if the trail knows it: at 0, at
// each step, at the mark and at its end.
func (t *Trail) At(offset int64) (sum uint32, known bool) {
	switch {
	case offset == 0:
		return 0, true
	case offset == t.offset:
		return t.sum, true
	case offset == t.mark.offset:
		return t.mark.sum, true
	case offset > 0 && offset < t.offset && offset%Step == 0:
		return t.steps[offset/Step-1], true
	}
	return 0, false
}

// Known returns the greatest offset not above limit at which At knows the sum.
func (t *Trail) Known(limit int64) int64 {
	if limit >= t.offset {
		return t.offset
	}
	known := max(limit, 0) / Step * Step
	if t.mark.offset <= limit {
		known = max(known, t.mark.offset)
	}
	return known
}

// Rewind forgets everything after Known(limit) and returns that offset.
func (t *Trail) Rewind(limit int64) int64 {
	offset := t.Known(limit)
	t.sum, _ = t.At(offset)
	t.offset = offset
	t.steps = t.steps[:offset/Step]
	if t.mark.offset > offset {
		t.mark = point{}
	}
	return offset
}

// Clone returns a copy that shares nothing with t.
func (t *Trail) Clone() *Trail {
	return &Trail{offset: t.offset, sum: t.sum, steps: slices.Clone(t.steps), mark: t.mark}
}

// String returns the end of the trail, e.g. "1048576 bytes, crc32c 8bd52dee".
func (t *Trail) String() string {
	return fmt.Sprintf("%d bytes, crc32c %08x", t.offset, t.sum)
}
