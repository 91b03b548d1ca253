package filestore

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// large is what needs a pipeline: a trickle first, whole blocks, and an end.
var large = strings.Repeat("longhaul", (3*durable.BlockSize+speedUpAfter)/8) + "the end"

// count counts the calls of one kind.
func (d *faultDisk) count(kind string) (n int) {
	for _, call := range d.calls {
		if call == kind {
			n++
		}
	}
	return n
}

// Large bodies go around the page cache, or through it where they must, and
// small ones do not care. Nothing is kept for the next one.
func TestWaysToTheDisk(t *testing.T) {
	for _, tt := range []struct {
		name           string
		size           int
		failing        string
		direct, cached bool
	}{
		{"large", len(large), "", true, true},
		{"too small for a pipeline", speedUpAfter + pipelineFrom - 1, "", false, true},
		{"without a way around", len(large), "open direct uploads/*.data", false, true},
		{"refused when it is used", len(large), "write direct uploads/*.data", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.content = large[:tt.size]
				w.prepared(w.create(handler.FileInfo{Size: int64(tt.size)}))
				w.disk.set(noFault)
				w.disk.failing = tt.failing
				w.prepared(w.toTheEnd())
				if got := w.disk.count("write direct uploads/*.data") > 0; got != tt.direct {
					t.Errorf("written around the page cache: %v, want %v", got, tt.direct)
				}
				if got := w.disk.count("write uploads/*.data") > 0; got != tt.cached {
					t.Errorf("written through the page cache: %v, want %v", got, tt.cached)
				}
				if len(pipelines) != 0 {
					t.Errorf("%d pipelines were not given back", len(pipelines))
				}
				w.invariants()
			})
		})
	}
}

// An upload that no pipeline is left for goes on without.
func TestNoPipelineLeft(t *testing.T) {
	for range maxPipelines {
		if !pipelines.take() {
			t.Fatal("somebody has a pipeline")
		}
		defer pipelines.giveBack()
	}
	w := newWorld(t)
	w.content = large
	w.prepared(w.create(handler.FileInfo{Size: int64(len(large))}))
	w.prepared(w.toTheEnd())
	if w.disk.count("open direct uploads/*.data") > 0 {
		t.Error("there was one pipeline too many")
	}
	w.invariants()
}

// The memory of a pipeline belongs to an upload only while its bytes come fast.
func TestPipelineGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := w.must(w.store.NewUpload(w.Context(), handler.FileInfo{SizeIsDeferred: true}))
		var held []int
		look := readerFunc(func([]byte) (int, error) {
			held = append(held, len(pipelines))
			return 0, io.EOF
		})
		wait := readerFunc(func(p []byte) (int, error) {
			time.Sleep(slowDownAfter)
			p[0] = 1
			return 1, io.EOF
		})
		piece := func() io.Reader { return strings.NewReader(large) }
		src := io.MultiReader(look, piece(), look, wait, look, wait, look, piece(), look)
		if n, err := u.WriteChunk(t.Context(), 0, src); n != int64(2*len(large)+2) || err != nil {
			t.Fatalf("WriteChunk = %d, %v", n, err)
		}
		if got, want := fmt.Sprint(held), "[0 1 1 0 1]"; got != want {
			t.Errorf("pipelines held: %s, want %s", got, want)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A chunk that begins, ends or is cut back within a page or a block is whole on
// the disk, whichever way its neighbours went.
func TestWaysInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, direct := newWorld(t), 0
		w.content = large
		w.prepared(w.create(handler.FileInfo{Size: int64(len(large))}))
		for _, to := range []int{1, 4096, 4097, 2*durable.BlockSize + 100, 2*durable.BlockSize + 101, len(large)} {
			// Left by a request whose commit did not come.
			appendTo(t, filepath.Join(w.dir, dataPath(w.id)), strings.Repeat("x", 10_000))
			w.prepared(w.with(func(u *upload) error { return w.write(u, to) }))
			w.onDisk(w.get())
			direct += w.disk.count("write direct uploads/*.data")
			w.disk.powerCut(t)
			w.restart()
		}
		if direct == 0 {
			t.Error("nothing went around the page cache")
		}
		w.invariants()
	})
}
