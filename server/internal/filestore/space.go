package filestore

import (
	"fmt"
	"syscall"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// The default for what must stay free on the disk is a twentieth of it, but no
// more than most of its other users will miss.
const (
	maxMinFree   = 1 << 30
	minFreeShare = 20
)

// minFree returns how many bytes must stay free.
func (s *Store) minFree(space durable.Space) int64 {
	if s.cfg.MinFree == 0 {
		return min(maxMinFree, space.Total/minFreeShare)
	}
	return max(s.cfg.MinFree, 0)
}

// reserve takes e in as what is known of the upload. If the disk cannot hold
// what it needs, beside what all other unfinished uploads may still need and
// what must stay free, it returns [syscall.ENOSPC] and changes nothing.
func (s *Store) reserve(id string, e entry) error {
	u := &s.unfinished
	u.mu.Lock()
	defer u.mu.Unlock()
	need := max(e.length-e.offset, 0)
	room, err := s.room(key([]byte(id)), need)
	if err != nil {
		return err
	}
	if room < need {
		return fmt.Errorf("%w: %d bytes are wanted, %d are to be had", syscall.ENOSPC, need, max(room, 0))
	}
	u.set(id, e)
	return nil
}

// room returns how many bytes the upload may need, beside all others. It does not
// look for more than are wanted. The caller holds mu of s.unfinished.
func (s *Store) room(k key, wanted int64) (int64, error) {
	u := &s.unfinished
	others := u.needed - u.need(k)
	spare, err := s.spare(others)
	if err == nil && spare < wanted {
		// What the running requests have written and not yet committed is still
		// counted among what is needed. It is looked at before the space is, so
		// that what they write in between counts twice rather than never.
		others -= u.allocated()
		spare, err = s.spare(others)
	}
	return spare, err
}

// spare returns how much of the disk is free beyond what must stay free and what
// others need. It is negative when that is not there.
func (s *Store) spare(others int64) (int64, error) {
	space, err := s.root.Space()
	if err != nil || space.Boundless() {
		return space.Free, err
	}
	return space.Free - s.minFree(space) - others, nil
}

// write notes that f, the data file of the upload, is being written to until
// done is called, which must be before f is closed and gives back what the upload
// was granted and has not committed.
func (u *unfinished) write(id string, f durable.File) (done func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.writing == nil {
		u.writing, u.granted = make(map[key]durable.File), make(map[key]int64)
	}
	k := key([]byte(id))
	u.writing[k] = f
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.writing, k)
		u.change(k, func() { delete(u.granted, k) })
	}
}

// allocated returns how many of the needed bytes the disk holds already. A file
// that cannot be looked at counts as having none. The caller holds mu.
func (u *unfinished) allocated() (n int64) {
	for k, f := range u.writing {
		if info, err := f.Stat(); err == nil {
			n += min(max(durable.Allocated(info)-u.of[k].offset, 0), u.need(k))
		}
	}
	return n
}
