package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
)

// quarantine is where recovery puts uploads that it cannot make sense of. Nothing
// in it is read again or removed.
const quarantine = "quarantine"

// quarantine puts what there is of an upload out of the way without losing a byte
// of it. All files have their new names before one loses its old one, and the data
// goes last: by it a restart finds them.
func (s *Store) quarantine(id, why string) error {
	s.log.Warn("setting aside an upload", slog.String("id", id), slog.String("why", why), slog.String("directory", quarantine))
	if err := s.root.Mkdir(quarantine); err != nil {
		return err
	}
	names := []string{recordPath(id), dataPath(id)}
	for _, name := range names {
		if err := s.aside(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// A name that was there already may come from a link that failed to sync.
	if err := s.root.SyncDir(quarantine); err != nil {
		return err
	}
	for _, name := range names {
		if err := s.root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// aside gives the file a second name in quarantine, unless it has one. The id of a
// final upload may come again, so another file may be there.
func (s *Store) aside(name string) error {
	base, ext := strings.TrimSuffix(path.Base(name), path.Ext(name)), path.Ext(name)
	for n := 1; ; n++ {
		to := path.Join(quarantine, base+ext)
		if n > 1 {
			to = path.Join(quarantine, fmt.Sprintf("%s-%d%s", base, n, ext))
		}
		err := s.root.Link(name, to)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		mine, err := s.root.Stat(name)
		if err != nil {
			return err
		}
		other, err := s.root.Stat(to)
		if err != nil || os.SameFile(mine, other) {
			return err
		}
	}
}
