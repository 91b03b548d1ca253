package filestore

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// smallDisk is a disk that says that it has room for size bytes of data.
type smallDisk struct {
	durable.FS
	*testing.T
	dir   string
	size  int64
	looks int // how often it was asked
}

func (d *smallDisk) Space() (durable.Space, error) {
	d.looks++
	space := durable.Space{Free: d.size, Total: d.size}
	if space.Boundless() {
		return space, nil
	}
	for _, pattern := range []string{"uploads/*.data", "files/*"} {
		names, err := filepath.Glob(filepath.Join(d.dir, pattern))
		if err != nil {
			return durable.Space{}, err
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if errors.Is(err, os.ErrNotExist) {
				continue // removed meanwhile
			}
			if err != nil {
				return durable.Space{}, err
			}
			space.Free -= durable.Allocated(info)
		}
	}
	return space, nil
}

// tight is a store on a small disk, of which nothing must stay free.
type tight struct {
	*testing.T
	disk  *smallDisk
	store *Store
	stop  func()
}

func newTight(t *testing.T, size int64) *tight {
	t.Helper()
	w := &tight{T: t, disk: &smallDisk{T: t, dir: t.TempDir(), size: size}, stop: func() {}}
	w.reopen()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *tight) reopen() {
	w.Helper()
	w.stop()
	dir, err := datadir.Open(w.disk.dir)
	if err != nil {
		w.Fatal(err)
	}
	w.stop = func() { dir.Close() }
	dir.Root = dir.Through(func(below durable.FS) durable.FS { w.disk.FS = below; return w.disk })
	if w.store, err = New(dir, Config{MinFree: -1}); err != nil {
		w.Fatal(err)
	}
}

func (w *tight) create(info handler.FileInfo) (*upload, error) {
	u, err := w.store.NewUpload(w.Context(), info)
	if err != nil {
		return nil, err
	}
	return u.(*upload), nil
}

// creates checks whether an upload of n bytes is taken, and returns it.
func (w *tight) creates(n int64, want bool) *upload {
	w.Helper()
	u, err := w.create(handler.FileInfo{Size: n})
	if want && err != nil || !want && !errors.Is(err, ErrStorageFull) {
		w.Errorf("an upload of %d bytes: %v, want it taken: %v", n, err, want)
	}
	return u
}

func (w *tight) write(u *upload, n int64) {
	w.Helper()
	if got, err := u.WriteChunk(w.Context(), u.rec.Offset, io.LimitReader(zeros{}, n)); got != n || err != nil {
		w.Errorf("WriteChunk = %d, %v; want %d", got, err, n)
	}
}

// Two uploads that the disk has room for one at a time are not both taken, and
// what one no longer needs is another's, also after a restart.
func TestReservation(t *testing.T) {
	w := newTight(t, 1<<20)
	large := w.creates(600<<10, true)
	w.creates(600<<10, false)
	wantFiles := func(n int) {
		t.Helper()
		if files, _ := filepath.Glob(filepath.Join(w.disk.dir, "uploads", "*")); len(files) != n {
			t.Errorf("uploads/ holds %q, want %d files", files, n)
		}
	}
	wantFiles(2)
	w.write(large, 100<<10)
	w.reopen()
	w.creates(600<<10, false)
	small := w.creates(424<<10, true)
	w.creates(1, false)
	w.creates(0, true)

	if err := small.Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	u, err := w.store.GetUpload(t.Context(), large.rec.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.write(u.(*upload), 500<<10)
	if err := u.FinishUpload(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.creates(425<<10, false)
	w.creates(424<<10, true)
}

// Of many that come at once as many are taken as there is room for.
func TestReservationAtOnce(t *testing.T) {
	w := newTight(t, 1<<20)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			switch _, err := w.create(handler.FileInfo{Size: 100 << 10}); {
			case err == nil:
				taken.Add(1)
			case !errors.Is(err, ErrStorageFull):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := taken.Load(); n != 10 {
		t.Errorf("%d uploads were taken, want 10", n)
	}
}

// What a running request has put on the disk and not yet committed does not count
// twice.
func TestReservationWhileWriting(t *testing.T) {
	w := newTight(t, 1<<20)
	u := w.creates(1000<<10, true)
	goOn := w.begins(u, 2*bufferSize)
	w.creates(25<<10, false)
	w.creates(24<<10, true)
	w.creates(1, false)
	goOn()
	w.creates(1, false)
}

// pausing is a source that stops before its end until goOn is closed.
type pausing struct {
	io.Reader
	paused, goOn chan struct{}
}

func (s *pausing) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF {
		close(s.paused)
		<-s.goOn
	}
	return n, err
}

// A creation that fails gives back what it had reserved.
func TestReservationGivenBack(t *testing.T) {
	w := newWorld(t)
	for _, failing := range []string{"create uploads/*.data", "create uploads/*.log", "sync uploads/*.log", "sync directory uploads"} {
		w.disk.failing = failing
		if err := w.create(handler.FileInfo{Size: 1000}); err == nil {
			t.Errorf("%s failed, and the creation did not", failing)
		}
	}
	// The bystander's.
	if u := &w.store.unfinished; u.needed != 3 || len(u.of) != 1 {
		t.Errorf("%d bytes are reserved for %d uploads, want 3 for 1", u.needed, len(u.of))
	}
}

func TestMinFree(t *testing.T) {
	for _, tt := range []struct{ configured, total, want int64 }{
		{0, 100, 5},
		{0, 20 << 30, 1 << 30},
		{0, 100 << 40, 1 << 30},
		{0, 0, 0},
		{7, 100, 7},
		{-1, 100, 0},
	} {
		s := &Store{cfg: Config{MinFree: tt.configured}}
		if got := s.minFree(durable.Space{Total: tt.total}); got != tt.want {
			t.Errorf("MinFree %d of %d bytes: %d must stay free, want %d", tt.configured, tt.total, got, tt.want)
		}
	}
	w := newTight(t, 1<<20)
	w.store.cfg.MinFree = 1 << 19
	w.creates(1<<19+1, false)
	w.creates(1<<19, true)
	w.store.cfg.MinFree = 1<<20 + 1
	w.creates(0, false)
}

// A disk that does not tell how large it is takes everything.
func TestBoundless(t *testing.T) {
	w := newTight(t, math.MaxInt64)
	for range 3 {
		w.creates(math.MaxInt64, true)
	}
	u := w.grows()
	w.write(u, 1)
	w.write(u, 1)
	if trouble := w.store.Trouble(); len(trouble) > 0 {
		t.Errorf("trouble: %q", trouble)
	}
}
