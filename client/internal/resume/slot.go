package resume

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrBusy says that another process, or another goroutine of this one, is
// pushing the same file to the same endpoint.
var ErrBusy = errors.New("another push of this file to this server is running")

// maxRecord bounds what Load reads, in bytes; the record of a 1 PiB file is
// 86 MiB.
const maxRecord = 256 << 20

// Slot is the place of one record. It belongs to whoever opened it until Close.
// Load, Save and Remove may be called from one goroutine at a time.
type Slot struct {
	path string
	lock *flock.Flock
}

// Open claims the place in dir for the record of endpoint and source, which is
// the absolute path of a file or another unique name, and creates dir where it is
// missing. The error is ErrBusy if somebody else has it.
func Open(dir, endpoint, source string) (*Slot, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of resume records: %w", err)
	}
	key := sha256.Sum256([]byte(endpoint + "\x00" + source))
	name := filepath.Join(dir, hex.EncodeToString(key[:16]))
	lock, err := claim(name + ".lock")
	if err != nil {
		return nil, err
	}
	return &Slot{path: name + ".json", lock: lock}, nil
}

// claim locks the file at path, which disappears when the lock is given back.
// A lock on a file that was removed in between would exclude nobody, so it
// counts only if the name still leads to the locked file.
func claim(path string) (*flock.Flock, error) {
	for {
		lock := flock.New(path)
		locked, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock the resume record: %w", err)
		}
		if !locked {
			return nil, ErrBusy
		}
		if holds(lock) {
			return lock, nil
		}
		if err := lock.Close(); err != nil {
			return nil, fmt.Errorf("lock the resume record: %w", err)
		}
	}
}

func holds(lock *flock.Flock) bool {
	locked, err := lock.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(lock.Path())
	return err == nil && os.SameFile(locked, named)
}

// Close gives the place back. The record stays.
func (s *Slot) Close() error {
	// Where an open file cannot be removed the lock file stays, which is harmless.
	_ = os.Remove(s.lock.Path())
	return s.lock.Close()
}

// Load reads the record. It is nil, without an error, where there is none; the
// errors of Parse are passed on.
func (s *Slot) Load() (*Record, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the resume record: %w", err)
	}
	if info.Size() > maxRecord {
		return nil, fmt.Errorf("%w: %d bytes", ErrBroken, info.Size())
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return nil, fmt.Errorf("read the resume record: %w", err)
	}
	return Parse(data)
}

// Save replaces the record. When it returns nil the record is on disk.
func (s *Slot) Save(r *Record) error { return s.put(r, true) }

// SaveLater replaces the record and takes no time for it: the disk has it when
// the system comes around to that. After a power cut before then there may be no
// record, or a broken one.
func (s *Slot) SaveLater(r *Record) error { return s.put(r, false) }

func (s *Slot) put(r *Record, synced bool) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the resume record: %w", err)
	}
	if err := replace(s.path, append(data, '\n'), synced); err != nil {
		return fmt.Errorf("save the resume record: %w", err)
	}
	return nil
}

// Note adds r to the record that was saved before, and takes no time for it: the
// disk has it when the system comes around to that. A power cut before then, or in
// the middle, leaves what was saved.
func (s *Slot) Note(r *Record) (err error) {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the resume record: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("note the resume record: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("note the resume record: %w", err)
	}
	return nil
}

// Remove deletes the record. A missing one is no error.
func (s *Slot) Remove() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the resume record: %w", err)
	}
	return nil
}
