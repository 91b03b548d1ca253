package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"net/http"
	"strings"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sums takes the digests of a download, those that the server tells: CRC-32C
// (Upload-Digest) and SHA-256 (Repr-Digest, RFC 9530).
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
func (s *sums) expect(r remote, header http.Header) (err error) {
	if r.told {
		s.wantCRC = &r.digest
	}
	s.wantSHA, err = representationDigest(header.Get("Repr-Digest"))
	return err
}

// representationDigest takes the SHA-256 out of "sha-256=:BASE64:". It is nil
// where there is none.
func representationDigest(value string) ([]byte, error) {
	for member := range strings.SplitSeq(value, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(member), "=")
		if name != "sha-256" {
			continue
		}
		text, _, _ := strings.Cut(rest, ";")
		text, opened := strings.CutPrefix(text, ":")
		text, closed := strings.CutSuffix(text, ":")
		sum, err := base64.StdEncoding.DecodeString(text)
		if !opened || !closed || err != nil || len(sum) != sha256.Size {
			return nil, answerError(fmt.Sprintf("the server's Repr-Digest is %q", value))
		}
		return sum, nil
	}
	return nil, nil
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
