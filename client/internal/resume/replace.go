package resume

import (
	"os"
	"path/filepath"
)

// replace puts data at path: temporary file, fsync, rename, fsync of the
// directory. The only writer is the holder of the slot, so the temporary name
// is fixed and what a crash leaves of it is overwritten.
func replace(path string, data []byte) error {
	temporary := path + ".new"
	if err := writeSynced(temporary, data); err != nil {
		os.Remove(temporary)
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return err
	}
	return SyncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}
