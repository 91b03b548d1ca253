// Package digest speaks of digests of whole files as RFC 9530 does: in fields
// that are dictionaries of algorithms, whose values are byte sequences.
package digest

import (
	"encoding/base64"
	"encoding/binary"
)

// Names of algorithms in the registry of RFC 9530.
const (
	CRC32C = "crc32c"
	SHA256 = "sha-256"
)

// Format returns the value of a field that tells digests of the same bytes: the
// CRC-32C (4 bytes, big-endian) and the SHA-256, if there is one, e.g.
// "crc32c=:mnG7TA==:, sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:".
func Format(crc32c uint32, sha256 []byte) string {
	field := member(CRC32C, binary.BigEndian.AppendUint32(nil, crc32c))
	if len(sha256) > 0 {
		field += ", " + member(SHA256, sha256)
	}
	return field
}

func member(name string, sum []byte) string {
	return name + "=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}
