package filestore

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// foldAtLeast is how many bytes of parts are folded at a time even if each is
// smaller, so that ten thousand small ones do not take ten thousand syncs.
const foldAtLeast = 1 << 20

// foldBuffer is how many bytes of a part are read at a time.
const foldBuffer = 256 << 10

// errMismatch means that the bytes of a part are not those that were received.
var errMismatch = errors.New("its bytes have changed on the disk; nothing more is folded, and nothing removed")

// fold folds a final upload that is complete. It goes on where another fold, in
// this process or an earlier one, came to.
//
// Crash-safe order, again and again: bytes of parts behind the own ones, synced;
// the commit that makes them count; then the parts are removed. A part whose
// bytes count is removed before more are added. The last commit gives the upload
// its length and so its name; [upload.publish] does the rest.
func (s *Store) fold(ctx context.Context, f *final) error {
	if s.claims.condemned(f) {
		return nil
	}
	rec, err := s.load(f.id)
	if err != nil {
		return err
	}
	u := &upload{store: s, rec: rec}
	for removed := 0; !u.rec.whole(); {
		if err := s.removeParts(u.rec.Parts[removed:u.rec.Folded]); err != nil {
			return err
		}
		removed = u.rec.Folded
		if err := u.foldSome(ctx, f); err != nil {
			return err
		}
	}
	if err := u.publish(ctx); err != nil && !errors.Is(err, ErrRejected) {
		return err
	}
	s.claims.release(f.id)
	s.track(u.rec)
	s.log.InfoContext(ctx, "final upload folded", slog.String("id", f.id), slog.Int("parts", u.rec.Folded), slog.Int64("length", u.rec.Offset), slog.String("name", u.rec.Name))
	return nil
}

// foldSome folds the next parts: the first by itself, which takes no copy, and
// later on as many as the largest one is long.
func (u *upload) foldSome(ctx context.Context, f *final) (err error) {
	data, err := u.store.root.OpenWrite(dataPath(f.id))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	digests, err := u.rec.digests()
	if err != nil {
		return err
	}
	j := folding{store: u.store, data: data, next: u.rec.commit, digests: digests}
	parts := f.parts[u.rec.Folded-f.base.Folded:]
	if u.rec.Folded == 0 {
		err = j.adopt(ctx, parts[0])
	} else {
		parts = upTo(f.largest, parts)
		if err := u.reserveCopies(parts); err != nil {
			return err
		}
		defer func() { u.store.track(u.rec) }()
		defer u.store.unfinished.write(f.id, data)()
		err = j.copy(ctx, parts)
	}
	if err != nil {
		return err
	}
	if j.next.Folded == len(u.rec.Parts) {
		length := j.next.Offset
		j.next.Length = &length
	}
	j.digests.into(&j.next)
	if err := data.SyncData(); err != nil {
		return err
	}
	return u.commit(ctx, j.next)
}

// reserveCopies reserves the space for copies of the parts, which must not be
// taken from what other uploads have reserved.
func (u *upload) reserveCopies(parts []part) error {
	e := entry{offset: u.rec.Offset, length: u.rec.Offset}
	for _, p := range parts {
		e.length += *p.length
	}
	return u.store.reserve(u.rec.ID, e)
}

// folding adds parts to the data of a final upload.
type folding struct {
	store   *Store
	data    durable.File
	next    commit  // what will be committed
	digests digests // of its bytes
}

// adopt adds the first part, whose data is that of the final upload already. It
// is read only if there is more than a CRC-32C to compute.
func (j *folding) adopt(ctx context.Context, p part) error {
	if err := cut(j.data, *p.length); err != nil {
		return err
	}
	if j.digests.sha256 == nil {
		j.digests.crc32c = p.crc32c
		j.next.Offset, j.next.Folded = *p.length, 1
		return nil
	}
	return j.add(ctx, p, io.NewSectionReader(j.data, 0, *p.length), io.Discard)
}

// copy adds copies of the parts.
func (j *folding) copy(ctx context.Context, parts []part) error {
	if err := cut(j.data, j.next.Offset); err != nil {
		return err
	}
	for _, p := range parts {
		src, err := j.store.root.Open(dataPath(p.id))
		if err != nil {
			return err
		}
		if err := errors.Join(j.add(ctx, p, src, io.NewOffsetWriter(j.data, j.next.Offset)), src.Close()); err != nil {
			return err
		}
	}
	return nil
}

// add writes the bytes of a part from src to dst, and checks them.
func (j *folding) add(ctx context.Context, p part, src io.Reader, dst io.Writer) error {
	buf := make([]byte, min(*p.length, foldBuffer))
	sum := uint32(0)
	for left := *p.length; left > 0; {
		n, err := io.ReadFull(src, buf[:min(left, foldBuffer)])
		switch err {
		case io.EOF, io.ErrUnexpectedEOF:
			err = short(*p.length-left+int64(n), *p.length)
		case nil:
			_, err = dst.Write(buf[:n])
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("part %s: %w", p.id, err)
		}
		sum = crc32.Update(sum, castagnoli, buf[:n])
		j.digests.update(buf[:n])
		left -= int64(n)
	}
	if sum != p.crc32c {
		return fmt.Errorf("part %s: %w", p.id, errMismatch)
	}
	j.next.Offset += *p.length
	j.next.Folded++
	return nil
}

// upTo returns the first parts, at least one, that have at most limit bytes
// together, or foldAtLeast if that is more.
func upTo(limit int64, parts []part) []part {
	limit = max(limit, foldAtLeast)
	for i, p := range parts {
		if limit -= *p.length; limit < 0 && i > 0 {
			return parts[:i]
		}
	}
	return parts
}

// removeFolded removes what is left of the parts of a final upload that is folded
// and not published.
func (u *upload) removeFolded() error {
	_, err := u.store.root.Stat(dataPath(u.rec.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is published
	}
	return errors.Join(err, u.store.removeParts(u.rec.Parts))
}

// removeParts removes parts whose bytes are in their final upload. Of data alone
// a restart would know that it is left over, of a record alone it would not.
func (s *Store) removeParts(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	names := make([]string, 0, 2*len(ids))
	for _, id := range ids {
		names = append(names, recordPath(id), dataPath(id))
	}
	if err := s.root.Remove(names...); err != nil {
		return err
	}
	for _, id := range ids {
		s.unfinished.remove(id)
	}
	return nil
}
