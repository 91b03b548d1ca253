package resume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// List reads all records in dir, in the order of their names. What cannot be
// understood is passed over, and a missing dir has none.
func List(dir string) ([]*Record, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the resume records: %w", err)
	}
	var records []*Record
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".json" {
			continue
		}
		slot := Slot{path: filepath.Join(dir, entry.Name())}
		record, err := slot.Load()
		switch {
		case errors.Is(err, ErrBroken), errors.Is(err, ErrNewer):
		case err != nil:
			return nil, err
		case record != nil: // nil if it was removed meanwhile
			records = append(records, record)
		}
	}
	return records, nil
}
