package digest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/digest"
)

const (
	crcHello = "crc32c=:mnG7TA==:"
	shaHello = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"
)

func TestParseRepr(t *testing.T) {
	for _, tt := range []struct {
		values     []string
		crc, sha   bool
		wantFailed bool
	}{
		{values: nil},
		{values: []string{""}},
		{values: []string{crcHello}, crc: true},
		{values: []string{shaHello}, sha: true},
		{values: []string{crcHello + " ,\t" + shaHello}, crc: true, sha: true},
		{values: []string{crcHello, shaHello}, crc: true, sha: true},
		{values: []string{shaHello + ";a=\"b,c\";d, md5=:XUFAKrxLKna5cZ2REBfFkg==:"}, sha: true},
		{values: []string{"sha-512=:AAAA:, id-sha-256=:AAAA:, new=::"}},
		{values: []string{"sha-256=:AAAA:, " + shaHello}, sha: true}, // the last one counts (RFC 9651)
		{values: []string{shaHello + ", sha-256=:AAAA:"}, wantFailed: true},
		{values: []string{"sha-256=:" + strings.Repeat("AAAA", 11) + ":"}, wantFailed: true}, // 33 bytes
		{values: []string{"crc32c=:AAAAAAA=:"}, wantFailed: true},
		{values: []string{"crc32c=9"}, wantFailed: true},
		{values: []string{"sha-256"}, wantFailed: true},
		{values: []string{"sha-256=(:AAAA:)"}, wantFailed: true},
		{values: []string{"sha-512=5"}, wantFailed: true},
		{values: []string{crcHello + ","}, wantFailed: true},
		{values: []string{"SHA-256=:AAAA:"}, wantFailed: true},
		{values: []string{"sha-256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"}, wantFailed: true},
		{values: []string{"sha-256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}, wantFailed: true},
		{values: []string{"sha-256=:LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"}, wantFailed: true},
	} {
		got, err := digest.ParseRepr(tt.values)
		if tt.wantFailed != errors.Is(err, digest.ErrRepr) || tt.crc != (got.CRC32C != nil) || tt.sha != (got.SHA256 != nil) {
			t.Errorf("%q: %+v, %v", tt.values, got, err)
		}
	}
}

func TestParseWant(t *testing.T) {
	for _, tt := range []struct {
		values     []string
		want       bool
		wantFailed bool
	}{
		{values: nil},
		{values: []string{"sha-256=1"}, want: true},
		{values: []string{"sha-256=10"}, want: true},
		{values: []string{"sha-512=3, sha-256=10, unixsum=0"}, want: true},
		{values: []string{"sha-512=3", "sha-256=1"}, want: true},
		{values: []string{"sha-256=1;q=2"}, want: true},
		{values: []string{"sha-256=0"}},
		{values: []string{"sha-256=1, sha-256=0"}},
		{values: []string{"sha-512=5, crc32c=2"}},
		{values: []string{"sha-256=11"}, wantFailed: true},
		{values: []string{"sha-256=-1"}, wantFailed: true},
		{values: []string{"sha-256=0.5"}, wantFailed: true},
		{values: []string{"sha-256"}, wantFailed: true},
		{values: []string{"sha-256=yes"}, wantFailed: true},
		{values: []string{"sha-256=1 sha-512=2"}, wantFailed: true},
		{values: []string{"*"}, wantFailed: true},
		{values: []string{"sha-512=()"}, wantFailed: true},
	} {
		got, err := digest.ParseWant(tt.values)
		if tt.wantFailed != errors.Is(err, digest.ErrWant) || got != tt.want {
			t.Errorf("%q: %v, %v", tt.values, got, err)
		}
	}
}

func TestMatch(t *testing.T) {
	sha := sha256.Sum256([]byte("hello"))
	crc := []byte{0x9a, 0x71, 0xbb, 0x4c}
	for name, tt := range map[string]struct {
		sums   digest.Sums
		sha256 []byte
		want   bool
	}{
		"nothing announced":     {digest.Sums{}, nil, true},
		"both":                  {digest.Sums{CRC32C: crc, SHA256: sha[:]}, sha[:], true},
		"other CRC-32C":         {digest.Sums{CRC32C: []byte{0, 0, 0, 0}, SHA256: sha[:]}, sha[:], false},
		"other SHA-256":         {digest.Sums{CRC32C: crc, SHA256: make([]byte, 32)}, sha[:], false},
		"SHA-256 not computed":  {digest.Sums{SHA256: sha[:]}, nil, false},
		"SHA-256 not announced": {digest.Sums{CRC32C: crc}, sha[:], true},
	} {
		if got := tt.sums.Match(0x9a71bb4c, tt.sha256); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// What is read has the length of a sum, and reads the same when it is written
// again.
func FuzzRepr(f *testing.F) {
	f.Add(crcHello + ", " + shaHello)
	f.Add(shaHello + ";a=\"b,c\", md5=:AAAA:")
	f.Fuzz(func(t *testing.T, value string) {
		got, err := digest.ParseRepr([]string{value})
		if err != nil {
			if !errors.Is(err, digest.ErrRepr) || got.CRC32C != nil || got.SHA256 != nil {
				t.Errorf("%q: %+v, %v", value, got, err)
			}
			return
		}
		var again string
		if got.CRC32C != nil {
			again += ", crc32c=:" + base64.StdEncoding.EncodeToString(got.CRC32C) + ":"
		}
		if got.SHA256 != nil {
			again += ", sha-256=:" + base64.StdEncoding.EncodeToString(got.SHA256) + ":"
		}
		if back, err := digest.ParseRepr([]string{strings.TrimPrefix(again, ", ")}); err != nil || string(back.CRC32C) != string(got.CRC32C) || string(back.SHA256) != string(got.SHA256) {
			t.Errorf("%q was read as %q, and that as %+v, %v", value, again, back, err)
		}
	})
}

// A wish is read or refused, and one that is refused asks for nothing.
func FuzzWant(f *testing.F) {
	f.Add("sha-256=5, sha-512=0")
	f.Add("sha-256")
	f.Fuzz(func(t *testing.T, value string) {
		got, err := digest.ParseWant([]string{value})
		if err != nil && (got || !errors.Is(err, digest.ErrWant)) || got && !strings.Contains(value, digest.SHA256) {
			t.Errorf("%q: %v, %v", value, got, err)
		}
	})
}
