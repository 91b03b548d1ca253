package client

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
)

// AnyChecksum as Config.Checksum takes the first of sha256, sha512, sha1, md5,
// crc32c and crc32 that the server knows.
const AnyChecksum = "any"

// checkedMost is the most bytes, unless Config.ChunkSize says less, that go with
// one checksum: when it does not arrive whole the server keeps nothing of it.
const checkedMost = 16 << 20

const checksumHeader = "Upload-Checksum"

// A checksum is an algorithm for Upload-Checksum, by its name in tus.
type checksum struct {
	name string
	new  func() hash.Hash
}

var checksums = []checksum{
	{"sha256", sha256.New},
	{"sha512", sha512.New},
	{"sha1", sha1.New},
	{"md5", md5.New},
	{"crc32c", func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
	{"crc32", func() hash.Hash { return crc32.NewIEEE() }},
}

func knownChecksum(name string) bool {
	return name == AnyChecksum || slices.ContainsFunc(checksums, func(c checksum) bool { return c.name == name })
}

// checking is how the requests of a push are checked.
type checking struct {
	checksum
	trailer bool // it may come after the body, which is then read only once
}

// agree finds the checksum that Config asks for among those that the server
// announces. It is nil if none is asked for.
func (p *push) agree(ctx context.Context) (*checking, error) {
	wanted := p.c.config.Checksum
	if wanted == "" {
		return nil, nil
	}
	var able abilities
	err := p.persist(ctx, func() (err error) {
		able, err = p.c.abilities(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	trailer := able.has("checksum-trailer")
	if !trailer && !able.has("checksum") {
		return nil, &UnsupportedError{"checksum"}
	}
	for _, c := range checksums {
		if (wanted == AnyChecksum || wanted == c.name) && slices.Contains(able.algorithms, c.name) {
			return &checking{c, trailer}, nil
		}
	}
	return nil, &UnsupportedError{"checksum with " + wanted}
}

func (c checksum) field(h hash.Hash) string {
	return c.name + " " + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// sign makes req carry the checksum of b (tus 1.0.0, Checksum).
func (c *checking) sign(req *http.Request, b *body) error {
	sum := c.new()
	if !c.trailer {
		section := io.NewSectionReader(b.source, b.start, b.end-b.start)
		if _, err := io.Copy(sum, cancellable{req.Context(), section}); err != nil {
			return err
		}
		req.Header.Set(checksumHeader, c.field(sum))
		return nil
	}
	req.ContentLength = -1 // only a body in chunks has trailers
	req.Trailer = http.Header{checksumHeader: nil}
	b.sum = sum
	b.onEnd = func() { req.Trailer.Set(checksumHeader, c.field(sum)) }
	return nil
}

// cancellable is a reader that ends with ctx.
type cancellable struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader.
func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
