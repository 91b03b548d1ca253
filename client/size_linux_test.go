package client_test

import (
	"errors"
	"testing"

	"github.com/longhaul-io/longhaul/client"
)

// A file of /proc has content that its size does not tell; an empty one is what
// it seems.
func TestFileWithoutASize(t *testing.T) {
	w := overTCP(t)
	if _, err := w.push("/proc/version", client.Options{}); !errors.Is(err, client.ErrNoSize) {
		t.Errorf("ended with %v", err)
	}
	w.posts(0)
	w.mustPush(w.file("empty", 0, 1), client.Options{})
}
