package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

const content = "helloworld"

// world is a store on a failing disk, one upload of content in it, and what its
// uploader was told.
type world struct {
	*testing.T
	dir   string
	disk  *faultDisk
	store *Store
	now   time.Time

	content   string // of the upload
	id        string
	bystander string            // an upload that nothing is done to
	path      string            // the relativePath of the upload, if it has one
	foreign   map[string]string // other files in files/
	records   []string          // other uploads of which a record is left
	parts     []string          // if it is about a final upload: its parts
	offset    int64             // the highest that anybody was told
	declared  bool              // that the length was taken
	published bool              // that the upload is finished
	wrong     bool              // the creation announced something else, which rejects it
	gone      bool              // that the upload is
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), now: epoch, content: content}
	for _, name := range []string{datadir.Uploads, datadir.Files} {
		if err := os.Mkdir(filepath.Join(w.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.restart()
	w.bystander = w.must(w.store.NewUpload(w.ctx(), handler.FileInfo{Size: 3, MetaData: handler.MetaData{"filename": "bystander.bin"}})).rec.ID
	return w
}

// open opens the store on a disk that fails as f says.
func (w *world) open(f fault) (err error) {
	w.Helper()
	root, err := os.OpenRoot(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { root.Close() })
	through := durable.NewRoot(root).Through(func(below durable.FS) durable.FS {
		w.disk = newFaultDisk(w.T, below, w.dir)
		return w.disk
	})
	w.disk.set(f)
	w.store, err = New(&datadir.Dir{Root: through}, Config{ExpireAfter: time.Hour, SHA256: true, Now: func() time.Time { return w.now }})
	return err
}

// restart opens the store as the next process does, on a healthy disk.
func (w *world) restart() {
	w.Helper()
	if err := w.open(noFault); err != nil {
		w.Fatal(err)
	}
}

// ctx hears what the store says is on disk, as the headers of answers do.
func (w *world) ctx() context.Context {
	return WithObserver(w.Context(), func(info Info) {
		if info.ID == w.id {
			w.offset = max(w.offset, info.Offset)
			w.digest(info.Offset, info.CRC32C, info.SHA256)
		}
	})
}

func (w *world) must(u handler.Upload, err error) *upload {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return u.(*upload)
}

func (w *world) get() *upload { return w.must(w.store.GetUpload(w.ctx(), w.id)) }

func (w *world) digest(offset int64, crc32c uint32, sum []byte) {
	w.Helper()
	if want := crc32.Checksum([]byte(w.content[:offset]), castagnoli); crc32c != want {
		w.Errorf("CRC-32C of the first %d bytes %08x, want %08x", offset, crc32c, want)
	}
	if want := sha256.Sum256([]byte(w.content[:offset])); !bytes.Equal(sum, want[:]) {
		w.Errorf("SHA-256 of the first %d bytes %x, want %x", offset, sum, want)
	}
}

// once has do done before the next call of the given kind.
func (w *world) once(call string, do func()) {
	w.disk.before = func(made string) {
		if made == call {
			w.disk.before = nil
			do()
		}
	}
}

// logged returns what the store logs from now on.
func (w *world) logged() *bytes.Buffer {
	log := new(bytes.Buffer)
	w.store.log = slog.New(slog.NewTextHandler(log, nil))
	return log
}

// The steps of a client. Each remembers what it was told, and returns the error.

func (w *world) create(info handler.FileInfo) error {
	info.MetaData = handler.MetaData{"filename": "name.bin"}
	if w.path != "" {
		info.MetaData["relativePath"] = w.path
	}
	ctx := w.ctx()
	if w.wrong {
		ctx = WithWish(ctx, Wish{Announced: digest.Sums{SHA256: sha256Of("something else")}})
	}
	u, err := w.store.NewUpload(ctx, info)
	if err == nil {
		w.id = u.(*upload).rec.ID
	}
	return err
}

func (w *world) write(u *upload, to int) error {
	from := u.rec.Offset
	n, err := u.WriteChunk(w.ctx(), from, strings.NewReader(w.content[from:to]))
	w.offset = max(w.offset, from+n)
	if err == nil && from+n != int64(to) {
		w.Errorf("WriteChunk took %d bytes of %d without an error", n, int64(to)-from)
	}
	return err
}

func (w *world) declare(u *upload, length int64) error {
	err := u.DeclareLength(w.ctx(), length)
	w.declared = w.declared || err == nil
	return err
}

func (w *world) finish(u *upload) error {
	err := u.FinishUpload(w.ctx())
	if w.wrong {
		if !errors.Is(err, ErrRejected) {
			return errors.Join(err, errors.New("finished what is not what was announced"))
		}
		return nil // the end that it is meant to have
	}
	w.published = w.published || err == nil
	return err
}

func (w *world) terminate(u *upload) error {
	err := u.Terminate(w.ctx())
	w.gone = w.gone || err == nil
	return err
}

// toTheEnd does what a client does that wants its file there: it asks where to
// go on, and goes on.
func (w *world) toTheEnd() error {
	return w.with(func(u *upload) error {
		if u.rec.Length == nil {
			if err := w.declare(u, int64(len(w.content))); err != nil {
				return err
			}
		}
		if !u.rec.complete() {
			if err := w.write(u, int(*u.rec.Length)); err != nil {
				return err
			}
		}
		return w.finish(u)
	})
}

// sweep removes what has expired, as expiry does.
func (w *world) sweep() (err error) {
	for _, id := range w.store.Expired() {
		removed, _, removeErr := w.store.RemoveExpired(id)
		if removed && removeErr != nil {
			w.Errorf("RemoveExpired = %v, %v", removed, removeErr)
		}
		if id == w.id {
			w.gone = w.gone || removed
		}
		err = errors.Join(err, removeErr)
	}
	return err
}

// readable checks that a client may read err.
func (w *world) readable(err error, cause syscall.Errno) {
	w.Helper()
	var known handler.Error
	if !errors.As(err, &known) {
		w.Errorf("%v is not a handler.Error", err)
		return
	}
	full := cause == syscall.ENOSPC
	if got := known.HTTPResponse.StatusCode; full != (got == http.StatusInsufficientStorage) || got < 500 {
		w.Errorf("status %d after %v", got, cause)
	}
	if body := known.HTTPResponse.Body + known.Error(); strings.Contains(body, secretDir) || strings.Contains(body, w.dir) {
		w.Errorf("an answer tells where the files are: %q", body)
	}
}

// invariants checks a store that was just opened on a healthy disk: nothing that
// was told is lost, and the upload ends as its uploader wants.
func (w *world) invariants() {
	w.Helper()
	if w.id != "" && !w.gone {
		u := w.get()
		if u.rec.Offset < w.offset || w.declared && u.rec.Length == nil {
			w.Errorf("offset %d, length %v; told %d, declared %v", u.rec.Offset, u.rec.Length, w.offset, w.declared)
		}
		w.onDisk(u)
		if err := w.toTheEnd(); err != nil {
			w.Errorf("going on: %v", err)
		}
	}
	u := w.must(w.store.GetUpload(w.Context(), w.bystander))
	if n, err := u.WriteChunk(w.Context(), u.rec.Offset, strings.NewReader("abc"[u.rec.Offset:])); u.rec.Offset != 3 {
		w.Errorf("the other upload: WriteChunk = %d, %v", n, err)
	}
	if err := u.FinishUpload(w.Context()); err != nil {
		w.Errorf("the other upload: %v", err)
	}
	w.restart()
	w.tidy()
}

// onDisk checks that the first bytes of the data file are those of the record.
func (w *world) onDisk(u *upload) {
	w.Helper()
	f, err := u.store.root.Open(dataPath(u.rec.ID))
	if errors.Is(err, os.ErrNotExist) && u.rec.complete() {
		f, err = u.store.files.Open(u.rec.Name)
	}
	if err != nil {
		w.Errorf("the bytes: %v", err)
		return
	}
	defer f.Close()
	got := make([]byte, u.rec.Offset)
	if n, err := f.ReadAt(got, 0); n < len(got) {
		w.Errorf("%d bytes on disk, error %v; the record says %d", n, err, len(got))
	}
	sum := sha256.Sum256(got)
	w.digest(u.rec.Offset, crc32.Checksum(got, castagnoli), sum[:])
	w.digest(u.rec.Offset, u.rec.CRC32C, u.rec.sha256())
}

// tidy checks that there is nothing but what should be, and that once.
func (w *world) tidy() {
	w.Helper()
	files := map[string]string{"bystander.bin": "abc"}
	records := []string{w.bystander + ".log"}
	for _, id := range w.records {
		records = append(records, id+".log")
	}
	if w.id != "" && !w.gone {
		u := w.get()
		records = append(records, w.id+".log")
		if w.wrong {
			records = append(records, w.id+".data")
			wantFile(w.T, filepath.Join(w.dir, dataPath(w.id)), w.content[:*u.rec.Length])
		} else {
			files[u.rec.Name] = w.content[:*u.rec.Length]
		}
	}
	maps.Copy(files, w.foreign)
	if got, want := filesBelow(w.T, filepath.Join(w.dir, "files")), slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		w.Errorf("files/ holds %q, want %q", got, want)
	}
	for name, text := range files {
		wantFile(w.T, filepath.Join(w.dir, "files", name), text)
	}
	slices.Sort(records)
	wantNames(w.T, filepath.Join(w.dir, "uploads"), records...)
}

// filesBelow returns the paths of the files below dir, sorted.
func filesBelow(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths
}
