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

// readRecord is readRecord for the upload called id. A final upload may come again
// under its id, with another creation: the checksum tells.
func (l *lastCreation) readRecord(r io.ReaderAt, size int64, id string) (*record, error) {
	if size < rememberFrom {
		return readRecord(r, size)
	}
	var sum [8]byte
	if _, err := r.ReadAt(sum[:], 0); err != nil {
		return nil, err
	}
	if rec, end := l.recall(id, sum); end > 0 {
		return rec, rec.readCommits(r, end, size)
	}
	rec := new(record)
	end, err := readCreation(r, size, &rec.creation)
	if err != nil {
		return nil, err
	}
	if end >= rememberFrom {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sum, l.text, l.end = sum, rec.creation, end
	}
	return rec, rec.readCommits(r, end, size)
}

// recall returns a record with the creation of the upload called id, and where its
// line ends, if it is the one that was read last.
func (l *lastCreation) recall(id string, sum [8]byte) (*record, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.ID != id || l.sum != sum {
		return nil, 0
	}
	return &record{creation: l.text}, l.end
}
