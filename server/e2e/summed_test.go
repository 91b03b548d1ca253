package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// The SHA-256 that is asked for is compared: of a file that goes as one over a
// link that is cut, and to a server that is killed, bit by bit.
func TestPushesAreSummed(t *testing.T) {
	f := newField(t)
	endpoint, proxy := f.link(32 << 20)
	path := f.file("film.mov", 12<<20)
	summed := func(flags ...string) {
		t.Helper()
		out := f.push(append(flags, "--json", "--digest", "sha-256", path, endpoint)...)
		if want := fmt.Sprintf(`"verified":true,"sha256":"%x"`, f.sum(path)); !strings.Contains(out, want) {
			t.Errorf("%q: %s\nhas no %s", flags, out, want)
		}
	}
	proxy.CutAfter(5<<20, 2)
	summed("--append")
	f.restart()
	summed("--append")
	f.grow(path, 100_000)
	summed("--append")
	f.grow(path, 100_000)
	summed("--finish")
	summed()
	parts := f.push("--parallel", "4", "--digest", "sha-256", f.file("parts.mov", 8<<20), endpoint)
	if !strings.Contains(parts, "does not tell the SHA-256") || !strings.Contains(parts, "stored") {
		t.Errorf("in parts: %s", parts)
	}
}
