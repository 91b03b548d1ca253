package filestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
	"github.com/longhaul-io/longhaul/server/internal/publish"
)

// Config says how a store behaves.
type Config struct {
	// ExpireAfter is how long after its last byte an unfinished upload dies.
	// 0 means never.
	ExpireAfter time.Duration
	// IDsOnly says that the files of uploads that are finished from now on are
	// called by their ids, not by the names and paths that their uploaders chose.
	IDsOnly bool
	// SHA256 says that the SHA-256 of every upload that is created from now on
	// is computed as its bytes arrive, also where the creation does not ask.
	SHA256 bool
	// MinFree is how many bytes of the disk uploads leave free. 0 means 1 GiB or
	// a twentieth of the disk, whichever is less; negative means none.
	MinFree int64
	// MaxSize is the size of the largest final upload, in bytes. 0 means that
	// there is no limit. That of others is for the caller to see to.
	MaxSize int64
	// Log is told of uploads that begin, end or fail. nil means nobody.
	Log *slog.Logger
	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Store keeps uploads in a data directory.
type Store struct {
	root  *durable.Root
	files *publish.Tree
	cfg   Config
	log   *slog.Logger

	unfinished unfinished
	settling   settling
	probe      probe
	creation   lastCreation

	// untrusted holds the ids whose record failed to sync. The page cache may
	// show a commit that the disk does not hold, so nothing is said of them
	// until a restart has read the disk.
	untrusted sync.Map

	// removing holds the uploads whose removal has begun, and what it frees (int64).
	removing sync.Map

	concat sync.Mutex // held while a final upload is created
	claims *claims
	folds  *folds
}

var (
	_ handler.DataStore               = (*Store)(nil)
	_ handler.TerminaterDataStore     = (*Store)(nil)
	_ handler.LengthDeferrerDataStore = (*Store)(nil)
	_ handler.ConcaterDataStore       = (*Store)(nil)
)

// New returns a store in dir after finishing what an earlier process left
// unfinished there. dir must not be in use by another store.
func New(dir *datadir.Dir, cfg Config) (*Store, error) {
	s := newStore(dir, cfg)
	return s, s.recover()
}

func newStore(dir *datadir.Dir, cfg Config) *Store {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Store{
		root:  dir.Root,
		files: publish.NewTree(dir.Root, datadir.Files),
		cfg:   cfg,
		log:   cfg.Log,

		claims: newClaims(),
		folds:  newFolds(),
	}
}

// NewUpload creates an upload with an id of its own choice, or returns
// [ErrStorageFull] if the disk has no room for it, beside what the unfinished
// uploads still need, or [ErrRejected] if it is empty and something else is
// announced. When it returns without an error, the upload survives a power cut.
//
// A final upload needs no room and can be read at once if its parts are complete.
// Its id follows from them ([FinalID]), and the caller holds the lock of that: asked
// again, the store returns the upload that it made then, whatever the metadata. Its
// errors are [ErrPartCount],
// [ErrPartRepeated], [ErrPartNotFound], [ErrPartExpired], [ErrPartNotPartial],
// [ErrPartTaken] and handler.ErrMaxSizeExceeded.
func (s *Store) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	if info.IsFinal {
		u, err := s.newFinal(ctx, info)
		if err != nil {
			return nil, s.answer(ctx, "concatenating", "", err)
		}
		observe(ctx, s.info(u.rec))
		return u, nil
	}
	u := &upload{store: s, rec: s.newRecord(ctx, newID(), info)}
	if u.rec.rejects(u.rec.commit) {
		return nil, ErrRejected // of no bytes nothing can be inspected
	}
	place := s.entryOf(u.rec)
	place.due = 0 // it cannot die before it is there
	if err := s.reserve(u.rec.ID, place); err != nil {
		return nil, s.answer(ctx, "reserving space", u.rec.ID, err)
	}
	if err := u.create(); err != nil {
		s.unfinished.remove(u.rec.ID)
		return nil, s.answer(ctx, "creating", u.rec.ID, err)
	}
	s.log.InfoContext(ctx, "upload created", slog.String("id", u.rec.ID), slog.Any("length", length(info)), slog.String("filename", info.MetaData["filename"]))
	observe(ctx, s.info(u.rec))
	return u, nil
}

// newRecord returns the record of an upload that holds nothing yet.
func (s *Store) newRecord(ctx context.Context, id string, info handler.FileInfo) *record {
	headers, wish := headersOf(ctx, info), wishOf(ctx)
	rec := &record{creation: creation{
		Version: recordVersion, ID: id, Created: s.cfg.Now().UTC(),
		Metadata: []byte(headers.Metadata), Concat: []byte(headers.Concat),
		Announced: wish.Announced, Partial: info.IsPartial, Parts: info.PartialUploads,
	}}
	rec.At = rec.Created
	if !info.SizeIsDeferred && !info.IsFinal {
		rec.Length = &info.Size
	}
	d := newDigests(s.cfg.SHA256 || wish.SHA256 || wish.Announced.SHA256 != nil)
	d.into(&rec.commit)
	return rec
}

// GetUpload returns the upload with the given id: [ErrNotFound] when there is
// none, [ErrExpired] when it died. An upload that is complete is published when
// it is returned.
func (s *Store) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	u, err := s.get(ctx, id)
	if errors.Is(err, errRemoved) {
		// Who began to remove it was told that this failed, or nothing.
		err = cmp.Or(s.erase(id, 0), err)
	}
	if err != nil {
		return nil, s.answer(ctx, "reading", id, err)
	}
	observe(ctx, s.info(u.rec))
	return u, nil
}

func (s *Store) get(ctx context.Context, id string) (*upload, error) {
	rec, err := s.load(id)
	if err != nil {
		return nil, err
	}
	u := &upload{store: s, rec: rec}
	switch {
	case s.expired(rec):
		return nil, ErrExpired
	case rec.unfolded != nil:
		// Who folds it publishes it.
	case rec.complete():
		return u, u.publish(ctx)
	case rec.final() && !rec.whole():
		return nil, errNotRecovered
	}
	return u, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s *Store) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*upload)
}

// AsLengthDeclarableUpload implements handler.LengthDeferrerDataStore.
func (s *Store) AsLengthDeclarableUpload(u handler.Upload) handler.LengthDeclarableUpload {
	return u.(*upload)
}

// errCutOff is the [ErrNotFound] of a record whose creation was cut off.
var errCutOff = fmt.Errorf("its creation was cut off: %w", ErrNotFound)

// load reads the record of the upload called id, and makes sure that what it
// says is on disk. It returns [ErrNotFound] when there is none, or only what is left
// of a creation that was cut off.
func (s *Store) load(id string) (*record, error) {
	if !validID(id) {
		return nil, ErrNotFound
	}
	if _, going := s.removing.Load(id); going {
		return nil, errRemoved
	}
	if _, bad := s.untrusted.Load(id); bad {
		return nil, errUntrusted
	}
	if err := s.settle(id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	rec, err := s.read(id)
	if !holdsNothing(rec, err) {
		return rec, err
	}
	switch _, missing := s.root.Stat(dataPath(id)); {
	case missing == nil:
		return rec, err
	case !errors.Is(missing, fs.ErrNotExist):
		return nil, missing
	}
	// Read again: an empty file may have been published meanwhile.
	if rec, err = s.read(id); holdsNothing(rec, err) {
		return nil, errCutOff
	}
	return rec, err
}

// holdsNothing reports whether a record, read as rec and err, speaks of no byte and
// no part and of nothing that was published, so that without data it is no upload.
func holdsNothing(rec *record, err error) bool {
	if err != nil {
		return errors.Is(err, errNoRecord)
	}
	return rec.Offset == 0 && rec.Name == "" && rec.unfolded == nil
}

// read reads the record of the upload called id, as the page cache has it. A final
// upload is not there before its creation has ended, though its record is.
func (s *Store) read(id string) (*record, error) {
	// Asked before the record is read: when it no longer is to be folded, the
	// record says that it is complete.
	unfolded := s.claims.status(id)
	switch {
	case unfolded == nil || unfolded.final.id != id:
	case unfolded.broken:
		return nil, errNotRecovered
	case !unfolded.created:
		return nil, ErrNotFound
	}
	rec, err := s.readNow(id)
	if unfolded == nil && (err != nil || rec.final() && !rec.whole()) && s.claims.status(id) != nil {
		return s.read(id) // its creation has begun in between
	}
	if err == nil && rec.final() {
		rec.unfolded = unfolded
	}
	return rec, err
}

func (s *Store) readNow(id string) (rec *record, err error) {
	f, err := s.root.Open(recordPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	rec, err = s.creation.readRecord(f, info.Size(), id)
	if err == nil && rec.ID != id {
		return nil, fmt.Errorf("record is that of another upload, %q", rec.ID)
	}
	return rec, err
}

func readRecordFile(f interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}) (*record, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readRecord(f, info.Size())
}

func length(info handler.FileInfo) any {
	if info.SizeIsDeferred {
		return "deferred"
	}
	return info.Size
}
