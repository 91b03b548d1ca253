package filestore

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// pieces are the parts of content.
var pieces = []string{"hel", "", "lowo", "rld"}

// concatOperations are what the store is asked to do with final uploads while one
// call fails.
var concatOperations = []operation{
	{
		name:    "concatenate",
		prepare: func(w *world) { w.partial(pieces...) },
		act:     (*world).join,
		after:   (*world).joinedStands,
	},
	{
		name:    "concatenate one",
		prepare: func(w *world) { w.partial(content) },
		act:     (*world).join,
		after:   (*world).joinedStands,
	},
	{
		name:    "concatenate unfinished",
		prepare: func(w *world) { w.partial("he", "", "l", "rld") },
		act:     (*world).join,
		after:   (*world).joinedStands,
	},
	{
		name: "concatenate what was removed half-way",
		prepare: func(w *world) {
			w.partial(pieces...)
			w.prepared(w.join())
			w.disk.failing = "remove uploads/*.data"
			if err := w.terminateJoined(); err == nil {
				w.Fatal("it was removed")
			}
			w.disk.failing, w.published = "", false
		},
		act:   (*world).join,
		after: (*world).joinedStands,
	},
	{
		name:    "finish the last part",
		prepare: func(w *world) { w.partial("hel", "", "l", "rld"); w.prepared(w.join()) },
		act:     (*world).finishParts,
		after:   (*world).joinedStands,
	},
	{
		name:    "fold",
		prepare: func(w *world) { w.partial(pieces...); w.prepared(w.join()) },
		act:     (*world).fold,
		after:   (*world).joinedStands,
		server:  true,
	},
	{
		name:    "recover while folding",
		prepare: func(w *world) { w.partial(pieces...); w.prepared(w.join()); w.foldSteps(1) },
		act:     (*world).reopen,
		after:   (*world).joinedStands,
		server:  true,
	},
	{
		name:    "recover what is folded and not published",
		prepare: func(w *world) { w.partial(pieces...); w.prepared(w.join()); w.foldSteps(2) },
		act:     (*world).reopen,
		after:   (*world).joinedStands,
		server:  true,
	},
	{
		name:    "terminate a final upload",
		prepare: func(w *world) { w.partial("hel", "", "lo", "rld"); w.prepared(w.join()) },
		act:     (*world).terminateJoined,
		after:   (*world).joinedTerminatedAgain,
	},
	{
		name:    "terminate a final upload while it is folded",
		prepare: func(w *world) { w.partial(pieces...); w.prepared(w.join()); w.foldSteps(1) },
		act:     (*world).terminateJoined,
		after:   (*world).joinedTerminatedAgain,
	},
	{
		name:    "terminate a final upload that is folded",
		prepare: func(w *world) { w.partial(pieces...); w.prepared(w.join()); w.prepared(w.fold()) },
		act:     (*world).terminateJoined,
		after:   (*world).joinedTerminatedAgain,
	},
	{
		name: "sweep a final upload and its parts",
		prepare: func(w *world) {
			w.partial("hel", "", "lo", "rld")
			w.prepared(w.join())
			w.now = w.now.Add(59 * time.Minute)
			w.bystanderLives()
			w.now = w.now.Add(time.Minute)
		},
		act:    (*world).sweep,
		after:  (*world).sweptAgain,
		server: true,
	},
}

func TestConcatFaults(t *testing.T) { faults(t, concatOperations) }

// partial has partial uploads of the pieces, of which the given beginnings are
// there.
func (w *world) partial(beginnings ...string) {
	w.Helper()
	for i, text := range beginnings {
		length := len(text)
		if len(beginnings) == len(pieces) {
			length = len(pieces[i])
		}
		u := w.must(w.store.NewUpload(w.Context(), handler.FileInfo{Size: int64(length), IsPartial: true}))
		if text != "" {
			_, err := u.WriteChunk(w.Context(), 0, strings.NewReader(text))
			w.prepared(err)
		}
		w.parts = append(w.parts, u.rec.ID)
	}
}

// joined is the id of the final upload.
func (w *world) joined() string {
	w.Helper()
	id, err := FinalID(w.parts)
	w.prepared(err)
	return id
}

// join asks for the final upload.
func (w *world) join() error {
	u, err := w.store.NewUpload(w.Context(), handler.FileInfo{IsFinal: true, PartialUploads: w.parts, MetaData: handler.MetaData{"filename": "name.bin"}})
	if err != nil {
		return err
	}
	w.published = true
	if got := u.(*upload).rec.ID; got != w.joined() {
		w.Errorf("the final upload is %s, want %s", got, w.joined())
	}
	return nil
}

// finishParts sends what is missing of the parts.
func (w *world) finishParts() error {
	for i, id := range w.parts {
		u, err := w.store.GetUpload(w.Context(), id)
		if isNotFound(err) {
			continue // it is folded
		}
		if err != nil {
			return err
		}
		from := u.(*upload).rec.Offset
		if u.(*upload).rec.complete() {
			continue
		}
		if _, err := u.WriteChunk(w.Context(), from, strings.NewReader(pieces[i][from:])); err != nil {
			return err
		}
	}
	return nil
}

// fold folds what there is, and returns the error that the log would tell.
func (w *world) fold() (err error) {
	w.store.folds.retry()
	for {
		ctx, f := w.store.folds.begin(w.Context())
		if f == nil {
			return err
		}
		err = errors.Join(err, w.store.fold(ctx, f))
		w.store.folds.end(false)
	}
}

// foldSteps does some steps of folding, and leaves the parts there.
func (w *world) foldSteps(n int) {
	w.Helper()
	ctx, f := w.store.folds.begin(w.Context())
	rec, err := w.store.load(f.id)
	w.prepared(err)
	u := &upload{store: w.store, rec: rec}
	for range n {
		w.prepared(u.foldSome(ctx, f))
	}
	w.store.folds.end(false)
	w.store.folds.add(f)
}

// joinedToTheEnd does what a client does that wants its final upload there.
func (w *world) joinedToTheEnd() error {
	if err := w.join(); err != nil {
		return err
	}
	if err := w.finishParts(); err != nil {
		return err
	}
	return w.readJoined()
}

// readJoined reads the final upload.
func (w *world) readJoined() error {
	f, info, err := w.store.Open(w.Context(), w.joined())
	if err != nil {
		return err
	}
	got, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || string(got) != content {
		w.Errorf("the final upload reads %q, error %v", got, err)
	}
	sum := info.SHA256
	if sum == nil && info.Name == "name.bin" && info.Modified.IsZero() {
		whole := sha256.Sum256([]byte(content)) // not known yet
		sum = whole[:]
	}
	w.digest(info.Offset, info.CRC32C, sum)
	return nil
}

// joinedStands checks that a final upload that was acknowledged is there, and
// goes on to the end.
func (w *world) joinedStands() {
	w.Helper()
	if _, err := w.store.GetUpload(w.Context(), w.joined()); w.published && err != nil {
		w.Errorf("the final upload: %v", err)
	}
	if err := w.joinedToTheEnd(); err != nil {
		w.Errorf("going on: %v", err)
	}
	w.prepared(w.fold())
	if err := w.joinedToTheEnd(); err != nil {
		w.Errorf("going on when it is folded: %v", err)
	}
	w.records = []string{w.joined()}
	w.foreign = map[string]string{"name.bin": content}
}

func (w *world) terminateJoined() error {
	u, err := w.store.GetUpload(w.Context(), w.joined())
	if err != nil {
		return err
	}
	return w.terminate(u.(*upload))
}

// joinedTerminatedAgain ends the final upload for certain, and then its parts,
// which nobody holds any more.
func (w *world) joinedTerminatedAgain() {
	w.Helper()
	if err := w.terminateJoined(); err != nil && !isNotFound(err) {
		w.Errorf("terminating again: %v", err)
	}
	for _, id := range w.parts {
		u, err := w.store.GetUpload(w.Context(), id)
		if isNotFound(err) {
			continue
		}
		w.prepared(err)
		if err := u.(*upload).Terminate(w.Context()); err != nil {
			w.Errorf("terminating a part: %v", err)
		}
	}
}

// bystanderLives gives the bystander a byte.
func (w *world) bystanderLives() {
	w.Helper()
	u := w.must(w.store.GetUpload(w.Context(), w.bystander))
	_, err := u.WriteChunk(w.Context(), 0, strings.NewReader("a"))
	w.prepared(err)
}

// sweptAgain is the next sweeps, which leave nothing.
func (w *world) sweptAgain() {
	w.Helper()
	for range 2 { // a part may be looked at before its final upload
		if err := w.sweep(); err != nil {
			w.Errorf("sweeping again: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(w.dir, recordPath(w.joined()))); !errors.Is(err, os.ErrNotExist) {
		w.Errorf("the record of the final upload: %v", err)
	}
}
