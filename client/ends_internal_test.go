package client

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A file that cannot be read is not one that changed: the upload of that would be
// given up.
func TestEndsThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 10), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	o := &opened{ReaderAt: f, file: f}
	ends := o.ends(10)
	if err := o.sameEnds(ends, 10); err != nil {
		t.Errorf("the same file: %v", err)
	}
	if err := os.Truncate(path, 9); err != nil {
		t.Fatal(err)
	}
	if err := o.sameEnds(ends, 10); !errors.Is(err, ErrSourceChanged) {
		t.Errorf("a shorter file: %v", err)
	}
	f.Close()
	if err := o.sameEnds(ends, 10); err == nil || errors.Is(err, ErrSourceChanged) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}
