package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"hash/crc32"
	"strings"
)

// algorithms are those that a client may choose from. tus demands sha1; none of
// them but sha256 protects from anything but accidents.
var algorithms = []struct {
	name string
	size int // of a sum, in bytes
	new  func() hash.Hash
}{
	{"sha1", sha1.Size, sha1.New},
	{"sha256", sha256.Size, sha256.New},
	{"md5", md5.Size, md5.New},
	{"crc32c", crc32.Size, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
}

// Algorithms returns the value of Tus-Checksum-Algorithm.
func Algorithms() string {
	var names []string
	for _, a := range algorithms {
		names = append(names, a.name)
	}
	return strings.Join(names, ",")
}
