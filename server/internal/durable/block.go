package durable

import (
	"sync"
	"unsafe"
)

const (
	// BlockSize is how many bytes a [Block] holds. A large upload costs the
	// server 0.6 s of processor time for a GiB in blocks of 256 KiB, 0.45 s in
	// blocks of 1 MiB, 0.42 s in these and 0.36 s in blocks of 4 MiB, of which
	// the memory is not worth it (see server/e2e/README.md).
	BlockSize = 2 << 20
	// pageSize is what direct writes are aligned to, in the file and in memory.
	// Disks ask for 512 bytes or 4 KiB; those that want more get none.
	pageSize = 4 << 10
)

// Block is memory for the bytes of a file from one multiple of [BlockSize] to
// the next, lying so that a [Direct] can hand them to the disk without a copy.
type Block struct{ mem []byte }

var blocks = sync.Pool{New: func() any {
	mem := make([]byte, BlockSize+pageSize)
	skip := -uintptr(unsafe.Pointer(&mem[0])) % pageSize
	return &Block{mem[skip:][:BlockSize:BlockSize]}
}}

// NewBlock returns a block with anything in it.
func NewBlock() *Block { return blocks.Get().(*Block) }

// Free gives the block to whoever needs one next.
func (b *Block) Free() { blocks.Put(b) }

// At returns the memory for the bytes from the offset off of the file to the end
// of the block.
func (b *Block) At(off int64) []byte { return b.mem[off%BlockSize:] }
