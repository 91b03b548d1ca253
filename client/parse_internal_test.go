package client

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
)

func FuzzContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 0-0/1", "bytes 5-9/10", "bytes 5-10/10", "bytes 9-5/10", "bytes */10", "bytes 5-9/*", "bytes -9/10", "5-9/10", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		start, total, err := contentRange(value)
		if err != nil {
			return
		}
		if start < 0 || start >= total {
			t.Errorf("%q starts at %d of %d", value, start, total)
		}
		if got, size, err := contentRange(fmt.Sprintf("bytes %d-%d/%d", start, total-1, total)); err != nil || got != start || size != total {
			t.Errorf("%q was read as %d of %d, which is not read again: %v", value, start, total, err)
		}
	})
}

func TestContentRange(t *testing.T) {
	for value, want := range map[string][2]int64{
		"bytes 5-9/10": {5, 10}, "bytes 0-0/1": {0, 1}, "bytes 5-10/10": {}, "bytes 9-5/10": {}, "bytes 5-9/*": {}, "bytes +5-9/10": {}, "": {},
	} {
		start, total, err := contentRange(value)
		if start != want[0] || total != want[1] || (err == nil) != (total > 0) {
			t.Errorf("%q: %d of %d, %v", value, start, total, err)
		}
	}
}

// sumIn is the SHA-256 in a digest header that has this value.
func sumIn(value string) ([]byte, error) {
	return readSHA256(http.Header{"Upload-Digest": {value}}, "Upload-Digest")
}

func FuzzSHA256(f *testing.F) {
	for _, seed := range []string{"sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:", "md5=:AA==:, sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:;q=1", "sha-256=:AA==:", "sha-256", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		sum, err := sumIn(value)
		if sum == nil {
			return
		}
		if again, _ := sumIn("sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"); err != nil || string(again) != string(sum) {
			t.Errorf("%q was read as %x, which is not read again: %v", value, sum, err)
		}
	})
}

func TestReadSHA256(t *testing.T) {
	const good = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"
	for value, want := range map[string]struct{ told, fails bool }{
		good: {told: true}, "md5=:AA==:, " + good + ";q=1": {told: true}, "": {}, "md5=:AA==:": {},
		"sha-256=:AA==:": {fails: true}, "sha-256=LPJNul": {fails: true}, "sha-256": {fails: true},
	} {
		if sum, err := sumIn(value); (sum != nil) != want.told || (err != nil) != want.fails {
			t.Errorf("%q: %x, %v", value, sum, err)
		}
	}
}
