package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// errShort means that bytes which were acknowledged are not there: the disk has
// lost them, or somebody has.
var errShort = errors.New("bytes are missing")

// short is the [errShort] of a data file of size bytes.
func short(size, offset int64) error {
	return fmt.Errorf("%w: the data file has %d bytes, its record says %d", errShort, size, offset)
}

// check checks that the bytes of an upload that is not published are there.
func (s *Store) check(rec *record) error {
	if rec.Offset == 0 {
		return nil
	}
	info, err := s.root.Stat(dataPath(rec.ID))
	if err == nil && info.Size() < rec.Offset {
		err = short(info.Size(), rec.Offset)
	}
	return err
}

// check is [Store.check], once for a request. It costs the 2 µs of a stat.
func (u *upload) check(ctx context.Context) error {
	if u.checked || u.rec.final() || u.rec.complete() && !u.rec.Partial {
		return nil
	}
	err := u.store.check(u.rec)
	if errors.Is(err, fs.ErrNotExist) && u.rec.complete() {
		return ErrNotFound // a part that was folded meanwhile
	}
	u.checked = err == nil
	return u.store.answer(ctx, "looking at the data", u.rec.ID, err)
}
