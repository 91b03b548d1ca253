// Package datadir opens the directory in which a server keeps everything and
// makes sure that no second process works in it.
//
//	lock         held with flock for as long as the process lives
//	uploads/     records and bytes, named after upload ids (package filestore)
//	files/       finished files under their own names (package publish)
//	quarantine/  what a start could make nothing of (package filestore)
//	.probe       there while it is tried whether the disk takes a file (package filestore)
//
// In uploads/ and files/ there is a .probe, too, while [Open] tries whether one file
// can have a name in both.
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// The directories in a data directory. Both must be on one filesystem.
const (
	Uploads = "uploads"
	Files   = "files"
)

// Probe is the name of a file that is written now and then and means nothing.
const Probe = ".probe"

// ErrInUse means that another process works in the data directory.
var ErrInUse = errors.New("another process is using it")

// ErrNoLinks means that a file in uploads/ cannot be given a second name in
// files/, which publishing without a copy and without overwriting needs.
var ErrNoLinks = errors.New("no hard links between its uploads/ and its files/")

// Dir is an open data directory. Close it when nothing uses it any more.
type Dir struct {
	*durable.Root
	path string
	root *os.Root
	lock *flock.Flock
}

// ErrNone means that the directory is not there, or is no data directory.
var ErrNone = errors.New("it is no data directory of longhauld")

// Open opens the data directory at path, and creates what is missing of it.
// Its errors name the directory. It returns [ErrInUse] when another process
// holds it; the kernel frees the lock of a process that died, however it died.
func Open(path string) (d *Dir, err error) {
	path, err = filepath.Abs(path)
	defer func() { err = name(path, err) }()
	if err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(path); err != nil {
		return nil, err
	}
	if d, err = take(path); err != nil {
		return nil, err
	}
	if err := d.prepare(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// OpenExisting is Open, but creates nothing: it returns [ErrNone] when there is
// nothing that Open has made.
func OpenExisting(path string) (d *Dir, err error) {
	path, err = filepath.Abs(path)
	defer func() { err = name(path, err) }()
	if err != nil {
		return nil, err
	}
	switch info, err := os.Stat(filepath.Join(path, Uploads)); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), err == nil && !info.IsDir():
		return nil, ErrNone
	case err != nil:
		return nil, err
	}
	return take(path)
}

func name(path string, err error) error {
	if err != nil {
		return fmt.Errorf("data directory %s: %w", path, err)
	}
	return nil
}

// take makes the directory that of this process.
func take(path string) (*Dir, error) {
	lock := flock.New(filepath.Join(path, "lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, ErrInUse
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Dir{durable.NewRoot(root), path, root, lock}, nil
}

// Path returns the absolute path of the directory.
func (d *Dir) Path() string { return d.path }

// Close gives the directory up for other processes.
func (d *Dir) Close() error {
	return errors.Join(d.root.Close(), d.lock.Close())
}

// prepare makes the layout and finds out now, not when the first upload ends,
// whether a finished file can get its name.
func (d *Dir) prepare() error {
	for _, dir := range []string{Uploads, Files} {
		if err := d.Mkdir(dir); err != nil {
			return err
		}
	}
	const from, to = Uploads + "/" + Probe, Files + "/" + Probe
	if err := errors.Join(d.Remove(from), d.Remove(to)); err != nil {
		return err
	}
	probe, err := d.Create(from)
	if err != nil {
		return err
	}
	err = errors.Join(probe.Close(), d.Link(from, to))
	if linkless(err) {
		err = fmt.Errorf("%w (%w)", ErrNoLinks, err)
	}
	return errors.Join(err, d.Remove(from), d.Remove(to))
}

// linkless reports whether err is how a filesystem says that it has no hard
// links. FAT and its kin say EPERM.
func linkless(err error) bool {
	for _, errno := range []error{syscall.EPERM, syscall.ENOTSUP, syscall.ENOSYS, syscall.EXDEV, syscall.EMLINK} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
