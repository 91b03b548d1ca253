package filestore

import (
	"fmt"
	"io"
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
	others := u.needed - u.of[key([]byte(id))].need()
	spare, err := s.spare(others)
	if err == nil && spare < e.need() {
		// What the running requests have written and not yet committed is still
		// counted among what is needed. It is looked at before the space is, so
		// that what they write in between counts twice rather than never.
		others -= u.allocated()
		spare, err = s.spare(others)
	}
	if err != nil {
		return err
	}
	if spare < e.need() {
		return fmt.Errorf("%w: %d bytes are wanted, %d are to be had", syscall.ENOSPC, e.need(), max(spare, 0))
	}
	u.set(id, e)
	return nil
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
// done is called, which must be before f is closed.
func (u *unfinished) write(id string, f durable.File) (done func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.writing == nil {
		u.writing = make(map[key]durable.File)
	}
	k := key([]byte(id))
	u.writing[k] = f
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.writing, k)
	}
}

// allocated returns how many of the needed bytes the disk holds already. A file
// that cannot be looked at counts as having none. The caller holds mu.
func (u *unfinished) allocated() (n int64) {
	for k, f := range u.writing {
		e := u.of[k]
		if info, err := f.Stat(); err == nil {
			n += min(max(durable.Allocated(info)-e.offset, 0), e.need())
		}
	}
	return n
}

// growing is the source of an upload whose length nobody knows, and that has
// reserved nothing. It ends with [syscall.ENOSPC] when what it brings would take
// what others need, or what must stay free. The disk is asked before each commit's
// worth of bytes.
type growing struct {
	io.Reader
	store *Store
	left  int64 // before the disk is asked again
}

func (g *growing) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	if g.left -= int64(n); g.left >= 0 {
		return n, err
	}
	spare, spareErr := g.store.spareNow()
	if spareErr != nil {
		return 0, spareErr
	}
	if spare < int64(n) {
		spare = max(spare, 0)
		return int(spare), fmt.Errorf("%w: the upload grows, and %d bytes are to be had", syscall.ENOSPC, spare)
	}
	g.left = min(spare, commitEvery) - int64(n)
	return n, err
}

// spareNow returns how much of the disk nobody has reserved and need not stay
// free.
func (s *Store) spareNow() (int64, error) {
	s.unfinished.mu.Lock()
	defer s.unfinished.mu.Unlock()
	return s.spare(s.unfinished.needed - s.unfinished.allocated())
}

// Trouble returns what keeps the store from taking uploads as it should, each a
// sentence for the operator.
func (s *Store) Trouble() (reasons []string) {
	switch space, err := s.root.Space(); {
	case err != nil:
		reasons = append(reasons, "the disk does not tell how much of it is free")
	case !space.Boundless() && space.Free <= s.minFree(space):
		reasons = append(reasons, fmt.Sprintf("%d bytes are free, and more than %d should be", space.Free, s.minFree(space)))
	}
	s.untrusted.Range(func(any, any) bool {
		reasons = append(reasons, "the record of an upload failed to sync")
		return false
	})
	if s.files.Unsure() {
		reasons = append(reasons, "the name of a finished file failed to sync")
	}
	return reasons
}
