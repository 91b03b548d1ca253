package filestore

import (
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
	"hash/crc32"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
)

// digests follows the bytes of an upload from the first one on: CRC-32C always,
// SHA-256 where it was asked for. Its state goes into each commit and comes back
// out of it, so that no file is ever reread for a digest.
type digests struct {
	crc32c uint32
	sha256 hash.Hash             // nil where nobody asked
	chunk  *checksum.Expectation // of the request that the bytes come in; nil where it has none
}

// newDigests returns the digests of no bytes.
func newDigests(withSHA256 bool) digests {
	if withSHA256 {
		return digests{sha256: sha256.New()}
	}
	return digests{}
}

// digests returns the digests of the first c.Offset bytes, to go on with. The
// SHA-256 of a whole file has ended and is not among them.
func (c *commit) digests() (digests, error) {
	d := digests{crc32c: c.CRC32C}
	if c.SHA256State == nil {
		return d, nil
	}
	d.sha256 = sha256.New()
	// Later versions of Go read the state, as package hash promises.
	if err := d.sha256.(encoding.BinaryUnmarshaler).UnmarshalBinary(c.SHA256State); err != nil {
		return digests{}, fmt.Errorf("the state of the SHA-256: %w", err)
	}
	return d, nil
}

// update takes in the bytes that follow.
func (d *digests) update(p []byte) {
	d.crc32c = crc32.Update(d.crc32c, castagnoli, p)
	if d.sha256 != nil {
		d.sha256.Write(p)
	}
	if d.chunk != nil {
		d.chunk.Write(p)
	}
}

// into makes c say what d has come to.
func (d *digests) into(c *commit) {
	c.CRC32C = d.crc32c
	switch {
	case d.sha256 == nil:
	case c.whole():
		c.SHA256, c.SHA256State = d.sha256.Sum(nil), nil
	default:
		c.SHA256State = d.state()
	}
}

func (d *digests) state() []byte {
	state, err := d.sha256.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("filestore: the state of a SHA-256: %v", err)) // it has one at any time
	}
	return state
}

// sha256 returns the SHA-256 of the first c.Offset bytes, nil where nobody asked
// for it. That its state can be read, [readRecord] has seen to.
func (c *commit) sha256() []byte {
	if d, err := c.digests(); err == nil && d.sha256 != nil {
		return d.sha256.Sum(nil)
	}
	return c.SHA256
}
