package filestore

import (
	"context"
	"errors"
	"log/slog"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
	"github.com/longhaul-io/longhaul/server/internal/publish"
)

// create makes the files of a new upload.
//
// Crash-safe order: record and data file, record synced, then the directory
// that names both.
func (u *upload) create() (err error) {
	root, id := u.store.root, u.rec.ID
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(recordPath(id)), root.Remove(dataPath(id)))
		}
	}()
	data, err := root.Create(dataPath(id))
	if err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	if err := u.createRecord(); err != nil {
		return err
	}
	if err := root.SyncDir(datadir.Uploads); err != nil {
		return err
	}
	u.store.track(u.rec)
	return nil
}

// createRecord makes the record of a new upload, synced, but not its name.
func (u *upload) createRecord() error {
	log, err := u.store.root.Create(recordPath(u.rec.ID))
	if err != nil {
		return err
	}
	lines := appendLine(appendLine(nil, u.rec.creation), u.rec.commit)
	_, err = log.WriteAt(lines, 0)
	u.rec.end = int64(len(lines))
	return errors.Join(err, log.SyncData(), log.Close())
}

// commit makes next what the record says. The bytes that it speaks of must be
// on disk. A complete upload that is not a part gets the name under which it will
// be published; one whose bytes are not those that were announced is rejected
// instead.
func (u *upload) commit(ctx context.Context, next commit) (err error) {
	next.Rejected = u.rec.rejects(next)
	if next.complete() && next.Name == "" && !u.rec.Partial {
		if err := u.nameFile(&next); err != nil {
			return err
		}
	}
	next.At = u.store.cfg.Now().UTC()
	log, err := u.store.root.OpenWrite(recordPath(u.rec.ID))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	line := appendLine(nil, next)
	if err := u.appendRecord(log, line); err != nil {
		return err
	}
	u.rec.commit = next
	u.rec.end += int64(len(line))
	u.store.track(u.rec)
	if f := u.store.claims.note(u.rec); f != nil {
		u.store.folds.add(f)
	}
	if next.Rejected {
		u.store.log.WarnContext(ctx, "upload rejected: not the bytes that Repr-Digest announced", slog.String("id", u.rec.ID), slog.Int64("length", next.Offset))
	}
	observe(ctx, u.store.info(u.rec))
	return nil
}

// nameFile fills in what a commit says of the file that is complete with it.
func (u *upload) nameFile(c *commit) (err error) {
	data, err := u.store.root.Stat(dataPath(u.rec.ID))
	if err != nil {
		return err
	}
	c.Modified = data.ModTime().UTC()
	c.Name, err = u.store.files.Free(u.store.wantedName(u.rec))
	return err
}

// wantedName returns the path that a file gets in files/ unless another has it.
func (s *Store) wantedName(rec *record) string {
	if s.cfg.IDsOnly {
		return rec.ID
	}
	meta := rec.metaData()
	return publish.Path(meta["filename"], meta["relativePath"], rec.ID)
}

// appendRecord writes line after the last whole line and syncs it, over whatever
// a crash left there. What sticks out of that behind the line has a wrong
// checksum and never counts, and neither does a line that was written in part.
func (u *upload) appendRecord(log durable.File, line []byte) error {
	if _, err := log.WriteAt(line, u.rec.end); err != nil {
		// Part of a line does no harm, but a whole one would count unsynced.
		if rec, readErr := readRecordFile(log); readErr != nil || rec.end != u.rec.end {
			u.store.untrusted.Store(u.rec.ID, true)
		}
		return err
	}
	if err := log.SyncData(); err != nil {
		// The disk may hold the line or not. The next process must not find it
		// in the page cache only.
		u.store.untrusted.Store(u.rec.ID, true)
		return errors.Join(err, log.Truncate(u.rec.end))
	}
	return nil
}
