package filestore

import (
	"fmt"
	"io"
	"syscall"
)

// An upload whose length nobody knows reserves what it may write next, more each
// time, so that one that goes on does not look at the disk at each block.
const (
	firstGrant = 1 << 20
	maxGrant   = commitEvery
)

// growing is the source of an upload whose length nobody knows. What it brings has
// its place on the disk, beside what others have reserved and what must stay free;
// it ends with [syscall.ENOSPC] where there is none.
type growing struct {
	io.Reader
	store   *Store
	id      string
	offset  int64 // of the next byte
	granted int64 // the offset up to which there is room
	last    int64 // how many bytes were asked for last
}

func (g *growing) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	if end := g.offset + int64(n); end > g.granted {
		g.last = min(max(2*g.last, firstGrant), maxGrant)
		var grantErr error
		if g.granted, grantErr = g.store.grant(g.id, end, max(end, g.offset+g.last)); grantErr != nil {
			n, err = int(max(g.granted-g.offset, 0)), grantErr
		}
	}
	g.offset += int64(n)
	return n, err
}

// grant reserves room for the upload up to the offset wanted, or as far as there
// is any, and returns how far that is. If it is not to the offset least, the error
// is [syscall.ENOSPC]. What is left of it is given back when the writing ends.
func (s *Store) grant(id string, least, wanted int64) (granted int64, err error) {
	u := &s.unfinished
	u.mu.Lock()
	defer u.mu.Unlock()
	k := key([]byte(id))
	offset := u.of[k].offset
	room, err := s.room(k, wanted-offset)
	if err != nil {
		return 0, err
	}
	granted = offset + min(wanted-offset, max(room, 0))
	u.change(k, func() { u.granted[k] = granted })
	if granted < least {
		return granted, fmt.Errorf("%w: the upload grows, and %d bytes are to be had", syscall.ENOSPC, granted-offset)
	}
	return granted, nil
}
