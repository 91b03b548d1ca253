package publish

import (
	"errors"
	"io/fs"
	"path"
	"sync"
	"syscall"
)

// made are the directories below the tree that are on disk, as far as this process
// knows.
type made struct {
	mu    sync.RWMutex
	known map[string]bool
	// unsure are those that were made, or synced, with an error. A second sync
	// succeeds whether or not the first one lost something.
	unsure map[string]bool
}

func (m *made) knows(dir string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.known[dir]
}

// forget makes the next file look at its directories again.
func (m *made) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.known)
}

// makeDir makes dir, and what is missing above it, and makes that last. One at a
// time does, so that a directory which is known is one whose entry was synced. It
// returns [ErrTaken] when a file is in the way.
func (t *Tree) makeDir(dir string) error {
	if t.made.knows(dir) {
		return nil
	}
	t.made.mu.Lock()
	defer t.made.mu.Unlock()
	return t.makeDirs(dir)
}

// makeDirs is makeDir for those who hold the lock.
func (t *Tree) makeDirs(dir string) error {
	switch {
	case t.made.known[dir]:
		return nil
	case t.made.unsure[dir]:
		return errUnsure
	case dir != t.dir:
		if err := t.makeDirs(path.Dir(dir)); err != nil {
			return err
		}
	}
	err := t.root.Mkdir(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return ErrTaken
	}
	if err != nil {
		if t.maybe(dir) {
			t.made.unsure[dir] = true
		}
		return err
	}
	if len(t.made.known) > maxRemembered {
		clear(t.made.known)
	}
	t.made.known[dir] = true
	return nil
}

// freeDir returns dir, or with numbers behind the names in it, so that each is a
// directory or is not there. Whoever sends two files of a folder finds both in one.
func (t *Tree) freeDir(dir string) (string, error) {
	if dir == "." {
		return dir, nil
	}
	above, err := t.freeDir(path.Dir(dir))
	if err != nil {
		return "", err
	}
	for n := 0; ; n++ {
		candidate := path.Join(above, numberedDir(path.Base(dir), n))
		info, err := t.root.Stat(path.Join(t.dir, candidate))
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			return candidate, nil
		}
		if err != nil {
			return "", err
		}
	}
}
