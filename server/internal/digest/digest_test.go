package digest_test

import (
	"crypto/sha256"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/digest"
)

func TestFormat(t *testing.T) {
	sum := sha256.Sum256([]byte("hello"))
	for _, tt := range []struct {
		sha256 []byte
		want   string
	}{
		{nil, "crc32c=:mnG7TA==:"},
		{sum[:], "crc32c=:mnG7TA==:, sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"},
	} {
		if got := digest.Format(0x9a71bb4c, tt.sha256); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
