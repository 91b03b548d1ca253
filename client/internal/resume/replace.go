package resume

import (
	"os"
	"path/filepath"
)

// replace puts data at path: temporary file, fsync, rename, fsync of the
// directory; or without the two syncs, which leaves it to the system when, and
// after a power cut whether, the disk has it. The only writer is the holder of the slot, so the temporary name
// is fixed and what a crash leaves of it is overwritten.
func replace(path string, data []byte, synced bool) error {
	temporary := path + ".new"
	if err := write(temporary, data, synced); err != nil {
		os.Remove(temporary)
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		os.Remove(temporary)
		return err
	}
	if !synced {
		return nil
	}
	return SyncDir(filepath.Dir(path))
}

func write(path string, data []byte, synced bool) (err error) {
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
	if !synced {
		return nil
	}
	return f.Sync()
}
