package filestore

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// whileCommitting calls what at the moment when the last commit of an upload is
// written and not on disk yet.
func (w *world) whileCommitting(what func()) {
	w.disk.before = func(call string) {
		if call == "sync uploads/*.log" {
			w.disk.before = nil
			what()
		}
	}
}

// A file is not served before the commit that completes it is on disk.
func TestOpenWhileCommitting(t *testing.T) {
	w := newWorld(t)
	u := w.must(w.store.NewUpload(t.Context(), handler.FileInfo{Size: 5}))
	asked := false
	w.whileCommitting(func() {
		asked = true
		f, _, err := w.store.Open(t.Context(), u.rec.ID)
		if !errors.Is(err, ErrUnfinished) {
			t.Errorf("Open: %v, want ErrUnfinished", err)
		}
		if f != nil {
			f.Close()
		}
	})
	if _, err := u.WriteChunk(t.Context(), 0, strings.NewReader("hello")); err != nil || !asked {
		t.Fatal(asked, err)
	}
	wantContent(t, w.store, u.rec.ID, "hello")
}

// A final upload counts a part as complete when the commit that says so is on
// disk, and not when it is only written.
func TestConcatWhileCommitting(t *testing.T) {
	w := newWorld(t)
	ids := []string{partOf(t, w.store, "hello", 5), partOf(t, w.store, "world", 3)}
	var id string
	w.whileCommitting(func() {
		id = mustConcat(t, w.store, ids...)
		wantPending(t, w.store, id, nil)
	})
	writeRest(t, w.store, ids[1], "ld")
	wantContent(t, w.store, id, "helloworld")
	w.store.foldWaiting(t.Context())
	wantFile(t, filepath.Join(w.dir, "files", "name.bin"), "helloworld")
}
