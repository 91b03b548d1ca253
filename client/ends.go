package client

import (
	"errors"
	"hash/crc32"
	"io"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// endSize is how many bytes at either end of what was sent are looked at again
// before a file goes on of which its state says that nothing happened to it. Not
// every file system tells that well: network mounts and restored machines may not.
const endSize = 64 << 10

// ends are the sums of both ends of the first offset bytes of a file, or nil where
// there is no file, or nothing of it.
func (o *opened) ends(offset int64) *resume.Ends {
	if o.file == nil || offset == 0 {
		return nil
	}
	size := min(endSize, offset)
	head, err := o.sum(0, size)
	if err != nil {
		return nil
	}
	tail, err := o.sum(offset-size, size)
	if err != nil {
		return nil
	}
	return &resume.Ends{Offset: offset, Head: head, Tail: tail}
}

// sameEnds returns a *SourceChangedError if, of the first held bytes, what e knows
// is not what the file has, and another error if the file cannot be read. It proves
// nothing but that.
func (o *opened) sameEnds(e *resume.Ends, held int64) error {
	if o.file == nil || e == nil {
		return nil
	}
	size := min(endSize, e.Offset)
	if held >= size {
		if same, err := o.has(e.Head, 0, size); err != nil {
			return err
		} else if !same {
			return o.changed("its first %d bytes are not those that were sent", size)
		}
	}
	if held >= e.Offset {
		if same, err := o.has(e.Tail, e.Offset-size, size); err != nil {
			return err
		} else if !same {
			return o.changed("its %d bytes before byte %d are not those that were sent", size, e.Offset)
		}
	}
	return nil
}

// has reports whether the file has size bytes at offset, with the given sum.
func (o *opened) has(sum uint32, offset, size int64) (bool, error) {
	got, err := o.sum(offset, size)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	return got == sum, err
}

// sum is the CRC-32C of size bytes at offset.
func (o *opened) sum(offset, size int64) (uint32, error) {
	buffer := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buffer)
	p := (*buffer)[:size]
	if n, err := o.ReadAt(p, offset); n < len(p) {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	return crc32.Checksum(p, castagnoli), nil
}
