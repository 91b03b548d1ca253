package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"net/http"

	"github.com/dunglas/httpsfv"
	"github.com/tus/tusd/v2/pkg/handler"
)

// What is answered to fields that cannot be read.
var (
	// ErrRepr means that a Repr-Digest is none.
	ErrRepr = handler.NewError("ERR_INVALID_DIGEST", "Repr-Digest has to name algorithms and their sums in base64, as sha-256=:BASE64:", http.StatusBadRequest)
	// ErrWant means that a Want-Repr-Digest is none.
	ErrWant = handler.NewError("ERR_INVALID_DIGEST", "Want-Repr-Digest has to name algorithms and weights from 0 to 10, as sha-256=5", http.StatusBadRequest)
)

// Sums are digests of the same bytes, nil where there is none.
type Sums struct {
	CRC32C []byte `json:"crc32c,omitempty"` // 4 bytes, big-endian
	SHA256 []byte `json:"sha256,omitempty"`
}

// ParseRepr parses the values of Repr-Digest (RFC 9530, section 3). Algorithms
// that this package does not know are passed over, as the RFC wants it. Its error
// is [ErrRepr].
func ParseRepr(values []string) (Sums, error) {
	fields, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return Sums{}, ErrRepr
	}
	var sums Sums
	for _, name := range fields.Names() {
		member, _ := fields.Get(name)
		item, _ := member.(httpsfv.Item)
		sum, ok := item.Value.([]byte)
		switch {
		case !ok:
			return Sums{}, ErrRepr
		case name == CRC32C && len(sum) == crc32.Size:
			sums.CRC32C = sum
		case name == SHA256 && len(sum) == sha256.Size:
			sums.SHA256 = sum
		case name == CRC32C, name == SHA256:
			return Sums{}, ErrRepr
		}
	}
	return sums, nil
}

// ParseWant parses the values of Want-Repr-Digest (RFC 9530, section 4) and says
// whether they ask for SHA-256. Its error is [ErrWant].
func ParseWant(values []string) (wantSHA256 bool, err error) {
	fields, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return false, ErrWant
	}
	for _, name := range fields.Names() {
		member, _ := fields.Get(name)
		item, _ := member.(httpsfv.Item)
		weight, ok := item.Value.(int64)
		if !ok || weight < 0 || weight > 10 {
			return false, ErrWant
		}
		wantSHA256 = wantSHA256 || name == SHA256 && weight > 0
	}
	return wantSHA256, nil
}

// Match reports whether bytes with the given digests may be those of s. sha256 is
// nil where it was not computed, and is then none that s could hold.
func (s Sums) Match(crc32c uint32, sha256 []byte) bool {
	return (s.CRC32C == nil || bytes.Equal(s.CRC32C, binary.BigEndian.AppendUint32(nil, crc32c))) &&
		(s.SHA256 == nil || bytes.Equal(s.SHA256, sha256))
}
