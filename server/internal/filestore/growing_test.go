package filestore

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// An upload of unknown length takes what there is, but nothing that others have
// reserved; what came before is kept. Once its length is known it reserves.
func TestGrowing(t *testing.T) {
	w := newTight(t, 2<<20)
	u, err := w.create(handler.FileInfo{SizeIsDeferred: true})
	if err != nil {
		t.Fatal(err)
	}
	w.creates(1<<20, true)
	w.write(u, 512<<10)
	n, err := u.WriteChunk(t.Context(), 512<<10, io.LimitReader(zeros{}, 1<<20))
	if !errors.Is(err, ErrStorageFull) || n < 256<<10 || n > 512<<10 {
		t.Errorf("WriteChunk = %d, %v; want ErrStorageFull after what fitted", n, err)
	}
	w.creates(1<<10, false) // less than that is left, if anything

	length := u.rec.Offset + 1<<20
	if err := u.DeclareLength(t.Context(), length); !errors.Is(err, ErrStorageFull) || u.rec.Length != nil {
		t.Errorf("declaring a length that does not fit: %v, length %v", err, u.rec.Length)
	}
	w.disk.size += 1 << 20
	if err := u.DeclareLength(t.Context(), length); err != nil {
		t.Errorf("declaring a length that fits: %v", err)
	}
	w.creates(4<<10, false)
	w.write(u, 1<<20)
}

// An upload that is all there ends, also on a disk that has nothing left.
func TestGrowingEndsOnAFullDisk(t *testing.T) {
	w := newTight(t, 1<<20)
	u, err := w.create(handler.FileInfo{SizeIsDeferred: true})
	if err != nil {
		t.Fatal(err)
	}
	w.write(u, 1<<20)
	w.disk.size = 0
	if err := errors.Join(u.DeclareLength(t.Context(), 1<<20), u.FinishUpload(t.Context())); err != nil {
		t.Error(err)
	}
}

// Uploads of unknown length do not take the same room twice: what one was granted
// is its own while it runs, and others' when it ends.
func TestGrowingAtOnce(t *testing.T) {
	w := newTight(t, firstGrant+512<<10)
	first, second := w.grows(), w.grows()
	goOn := w.begins(first, firstGrant)
	n, err := second.WriteChunk(t.Context(), 0, io.LimitReader(zeros{}, firstGrant))
	if !errors.Is(err, ErrStorageFull) || n < 256<<10 || n > 512<<10 {
		t.Errorf("the second: WriteChunk = %d, %v; want ErrStorageFull after what fitted", n, err)
	}
	if err := second.Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.creates(513<<10, false)
	goOn()
	if got := first.rec.Offset; got != firstGrant {
		t.Errorf("the first came to %d, want %d", got, firstGrant)
	}
	w.creates(512<<10, true)
}

// While uploads of unknown length run, what they may write next is nobody else's.
func TestGrowingReserves(t *testing.T) {
	w := newTight(t, 2*firstGrant)
	goOn := []func(){w.begins(w.grows(), 100<<10), w.begins(w.grows(), 100<<10)}
	w.creates(4<<10, false)
	if _, err := w.grows().WriteChunk(t.Context(), 0, io.LimitReader(zeros{}, 4<<10)); !errors.Is(err, ErrStorageFull) {
		t.Errorf("a third: %v, want ErrStorageFull", err)
	}
	for _, goOn := range goOn {
		goOn()
	}
	w.creates(2*firstGrant-200<<10, true)
}

// The further an upload goes, the less often it looks at the disk.
func TestGrowingLooksSeldom(t *testing.T) {
	w := newTight(t, 1<<30)
	u := w.grows()
	w.disk.looks = 0
	w.write(u, 3*maxGrant)
	if w.disk.looks > 10 {
		t.Errorf("%d looks at the disk for %d bytes", w.disk.looks, 3*maxGrant)
	}
}

// However an upload of unknown length ends, nothing is kept for it.
func TestGrantGivenBack(t *testing.T) {
	for name, end := range map[string]func(w *world) error{
		"goes on later": func(*world) error { return nil },
		"is finished":   (*world).toTheEnd,
		"fails": func(w *world) error {
			w.disk.failing = "write uploads/*.data"
			if err := w.with(func(u *upload) error { return w.write(u, 7) }); err == nil {
				return errors.New("nobody was told")
			}
			return nil
		},
		"is terminated": func(w *world) error { return w.with(w.terminate) },
		"expires": func(w *world) error {
			w.now = w.now.Add(2 * time.Hour)
			return w.sweep()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.prepared(w.must(w.store.GetUpload(t.Context(), w.bystander)).Terminate(t.Context()))
			w.growing(5)
			w.prepared(end(w))
			if u := &w.store.unfinished; u.needed != 0 || len(u.granted) != 0 {
				t.Errorf("%d bytes are kept, %d uploads granted some", u.needed, len(u.granted))
			}
		})
	}
}

// grows returns an upload of unknown length.
func (w *tight) grows() *upload {
	w.Helper()
	u, err := w.create(handler.FileInfo{SizeIsDeferred: true})
	if err != nil {
		w.Fatal(err)
	}
	return u
}

// begins writes n bytes to u, and returns when they have been read. The request
// ends with goOn.
func (w *tight) begins(u *upload, n int64) (goOn func()) {
	w.Helper()
	src := &pausing{Reader: io.LimitReader(zeros{}, n), paused: make(chan struct{}), goOn: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if got, err := u.WriteChunk(context.Background(), 0, src); got != n || err != nil {
			w.Errorf("WriteChunk = %d, %v; want %d", got, err, n)
		}
	}()
	<-src.paused
	return func() {
		close(src.goOn)
		<-done
	}
}
