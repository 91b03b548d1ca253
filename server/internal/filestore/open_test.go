package filestore

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// An upload that is published, renamed or removed after its record was read, and
// before its file is opened, is what it has become, and no error.
func TestOpenMeanwhile(t *testing.T) {
	publish := func(w *world) { w.prepared(w.toTheEnd()) }
	remove := func(w *world) { w.prepared(w.get().Terminate(w.Context())) }
	for name, tt := range map[string]struct {
		held int // how many bytes are there before
		call string
		do   func(*world)
		want error
	}{
		"published":        {5, "stat uploads/*.data", publish, nil},
		"removed":          {5, "stat uploads/*.data", remove, ErrNotFound},
		"whole, published": {10, "open uploads/*.data", publish, nil},
		"whole, removed":   {10, "open uploads/*.data", remove, ErrNotFound},
		"its name is taken": {10, "open uploads/*.data", func(w *world) {
			w.prepared(os.WriteFile(filepath.Join(w.dir, "files", "name.bin"), nil, 0o600))
			publish(w)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.unfinished(tt.held)
			log := w.logged()
			w.once(tt.call, func() { tt.do(w) })
			f, info, err := w.store.Open(t.Context(), w.id)
			if !errors.Is(err, tt.want) {
				t.Errorf("Open: %v, want %v", err, tt.want)
			}
			if err == nil {
				defer f.Close()
				got, err := io.ReadAll(f)
				if err != nil || string(got) != content || info.Offset != int64(len(content)) || !info.Complete {
					t.Errorf("read %q, error %v; the store says %+v", got, err, info)
				}
			}
			if strings.Contains(log.String(), "ERROR") {
				t.Error(log)
			}
		})
	}
}

// An upload whose last commit is not on disk yet when its record is read, and that
// is published when its data is looked at, is there.
func TestOpenPublishedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.unfinished(5)
	log := w.logged()
	looking, published, opened := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.once("sync uploads/*.log", func() {
		var looked atomic.Bool
		w.disk.before = func(call string) {
			if call == "stat uploads/*.data" && looked.CompareAndSwap(false, true) {
				close(looking)
				<-published
			}
		}
		go func() {
			defer close(opened)
			wantContent(t, w.store, w.id, content)
		}()
		<-looking
	})
	w.prepared(w.toTheEnd())
	close(published)
	<-opened
	if strings.Contains(log.String(), "ERROR") {
		t.Error(log)
	}
}

// The data of an upload that nothing has happened to is missing: that is an error,
// once.
func TestOpenWithoutData(t *testing.T) {
	w := newWorld(t)
	w.unfinished(5)
	log := w.logged()
	w.prepared(os.Remove(filepath.Join(w.dir, dataPath(w.id))))
	if _, _, err := w.store.Open(t.Context(), w.id); !errors.Is(err, errInternal) {
		t.Errorf("Open: %v, want an internal error", err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, w.id) {
		t.Errorf("the log says %q", got)
	}
}

// A final upload that is removed and made again while it is opened is not taken
// for the file that its data has the name of, which is its first part's.
func TestOpenFinalMadeAgain(t *testing.T) {
	w := newWorld(t)
	ids := partsOf(t, w.store, "hello", "world", "again")
	id := mustConcat(t, w.store, ids...)
	w.once("open uploads/*.data", func() {
		w.prepared(w.must(w.store.GetUpload(t.Context(), id)).Terminate(t.Context()))
		w.once("open uploads/*.log", func() { mustConcat(t, w.store, ids...) })
	})
	f, info, err := w.store.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || string(got) != "helloworldagain" || info.Offset != 15 {
		t.Errorf("read %q, error %v; the store says %+v", got, err, info)
	}
}
