package filestore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Data that lost its end is not filled up with zeros.
func TestDataTooShort(t *testing.T) {
	s, dir, id := after(t, 10, func(dir, id string) {
		if err := os.Truncate(filepath.Join(dir, dataPath(id)), 3); err != nil {
			t.Fatal(err)
		}
	})
	u, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var known handler.Error
	if n, err := u.WriteChunk(t.Context(), 5, strings.NewReader("world")); n != 0 || !errors.As(err, &known) {
		t.Errorf("WriteChunk = %d, %v; want 0 and an error", n, err)
	}
	wantFile(t, filepath.Join(dir, dataPath(id)), "hel")
}
