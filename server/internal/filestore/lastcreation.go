package filestore

import (
	"io"
	"sync"
)

// rememberFrom is from how many bytes on a creation is remembered: that of a final
// upload of 10,000 parts has more than a MB, of which each request would parse all.
const rememberFrom = 64 << 10

// lastCreation remembers the large creation that was read last. Who follows a final
// upload of very many parts asks for it again and again. The zero value is ready to
// use; it is safe for concurrent use.
type lastCreation struct {
	mu   sync.Mutex
	sum  [8]byte // the checksum in its line, in digits
	text creation
	end  int64 // of its line; 0 when there is none
}

// readRecord is readRecord for the upload called id.
func (l *lastCreation) readRecord(r io.ReaderAt, size int64, id string) (*record, error) {
	return readRecordBy(func(r io.ReaderAt, size int64, c *creation) (int64, error) {
		return l.readCreation(r, size, id, c)
	}, r, size)
}

// readCreation is readCreation for the upload called id. A final upload may come
// again under its id, with another creation: the checksum tells.
func (l *lastCreation) readCreation(r io.ReaderAt, size int64, id string, c *creation) (int64, error) {
	if size < rememberFrom {
		return readCreation(r, size, c)
	}
	var sum [8]byte
	if _, err := r.ReadAt(sum[:], 0); err != nil {
		return 0, err
	}
	if end := l.recall(id, sum, c); end > 0 {
		return end, nil
	}
	end, err := readCreation(r, size, c)
	if err == nil && end >= rememberFrom {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sum, l.text, l.end = sum, *c, end
	}
	return end, err
}

// recall fills in the creation of the upload called id, and returns where its line
// ends, if it is the one that was read last; else it returns 0.
func (l *lastCreation) recall(id string, sum [8]byte, c *creation) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.ID != id || l.sum != sum {
		return 0
	}
	*c = l.text
	return l.end
}
