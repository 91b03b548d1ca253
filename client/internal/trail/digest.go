package trail

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// Algorithm is the name of CRC-32C in digest headers (RFC 9530, section 5).
const Algorithm = "crc32c"

// FormatDigest returns sum as a structured field, e.g. "crc32c=:i9Ut7g==:".
func FormatDigest(sum uint32) string {
	raw := binary.BigEndian.AppendUint32(nil, sum)
	return Algorithm + "=:" + base64.StdEncoding.EncodeToString(raw) + ":"
}

// ParseDigest finds the CRC-32C in the value of a digest header. told is false
// where the value has none; other algorithms and parameters are passed over.
// A CRC-32C that cannot be read is an error: a damaged proof is no proof.
func ParseDigest(value string) (sum uint32, told bool, err error) {
	for member := range strings.SplitSeq(value, ",") {
		key, item, _ := strings.Cut(strings.TrimSpace(member), "=")
		if key != Algorithm {
			continue
		}
		item, _, _ = strings.Cut(item, ";")
		item = strings.TrimRight(item, " \t")
		if len(item) < 2 || item[0] != ':' || item[len(item)-1] != ':' {
			return 0, false, fmt.Errorf("digest %q is no byte sequence", member)
		}
		raw, err := base64.StdEncoding.DecodeString(item[1 : len(item)-1])
		if err != nil || len(raw) != 4 {
			return 0, false, fmt.Errorf("digest %q is not four bytes in base64", member)
		}
		sum, told = binary.BigEndian.Uint32(raw), true
	}
	return sum, told, nil
}
