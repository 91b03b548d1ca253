package client

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sums takes the digests of a download, those that the server tells: CRC-32C
// and SHA-256.
type sums struct {
	offset int64 // bytes that were added
	crc    hash.Hash32
	sha    hash.Hash

	wantCRC *uint32 // nil if the server told none
	wantSHA []byte  // nil if the server told none
}

func newSums() *sums {
	return &sums{crc: crc32.New(castagnoli), sha: sha256.New()}
}

// expect takes what the server tells of a finished upload.
func (s *sums) expect(r remote) {
	if r.told {
		s.wantCRC = &r.digest
	}
	s.wantSHA = r.sha256
}

func (s *sums) add(p []byte) {
	s.offset += int64(len(p))
	if s.wantCRC != nil {
		s.crc.Write(p)
	}
	if s.wantSHA != nil {
		s.sha.Write(p)
	}
}

// Write implements io.Writer.
func (s *sums) Write(p []byte) (int, error) {
	s.add(p)
	return len(p), nil
}

// restart forgets what was added.
func (s *sums) restart() {
	s.offset = 0
	s.crc.Reset()
	s.sha.Reset()
}

func (s *sums) told() bool { return s.wantCRC != nil || s.wantSHA != nil }

// compare returns ErrDamaged if what was added is not what the server has.
func (s *sums) compare() error {
	if s.wantCRC != nil && *s.wantCRC != s.crc.Sum32() {
		return fmt.Errorf("%w: its crc32c is %08x here and %08x there", ErrDamaged, s.crc.Sum32(), *s.wantCRC)
	}
	if sum := s.sha.Sum(nil); s.wantSHA != nil && !bytes.Equal(s.wantSHA, sum) {
		return fmt.Errorf("%w: its sha-256 is %x here and %x there", ErrDamaged, sum, s.wantSHA)
	}
	return nil
}
