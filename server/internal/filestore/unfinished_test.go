package filestore

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// A sweep looks at no upload that is not dead, also after a restart, and what
// dies is known without a look at the disk.
func TestSweepLooksOnlyAtTheDead(t *testing.T) {
	w := newWorld(t) // has one upload that dies an hour from now
	w.now = w.now.Add(time.Minute)
	w.unfinished(5)
	w.now = w.now.Add(time.Minute)
	finished := w.must(w.store.NewUpload(t.Context(), handler.FileInfo{}))
	w.prepared(finished.FinishUpload(t.Context()))
	for _, restart := range []bool{false, true} {
		if restart {
			w.restart()
		}
		w.disk.set(noFault)
		for _, tt := range []struct {
			after time.Duration
			want  []string
		}{
			{time.Hour - 1, nil},
			{time.Hour, []string{w.bystander}},
			{time.Hour + time.Minute - 1, []string{w.bystander}},
			{time.Hour + time.Minute, []string{w.bystander, w.id}},
		} {
			w.now = epoch.Add(tt.after)
			got := w.store.Expired()
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("restarted %v, after %v: %q, want %q", restart, tt.after, got, tt.want)
			}
		}
		if len(w.disk.calls) > 0 {
			t.Errorf("looking for the dead took %q", w.disk.calls)
		}
	}
	w.now = epoch.Add(time.Hour)
	w.prepared(w.sweep())
	if got := only(w.disk.calls, func(call string) bool { return call == "open uploads/*.log" }); len(got) != 1 {
		t.Errorf("the sweep of one upload read %q", got)
	}
	if _, err := w.store.GetUpload(t.Context(), w.bystander); !errors.Is(err, ErrNotFound) {
		t.Errorf("swept, and then %v; want ErrNotFound", err)
	}
}

// What a removal that failed half-way left is removed by the next sweep.
func TestSweepAgainWithoutARestart(t *testing.T) {
	w := newWorld(t)
	w.expired()
	w.disk.set(noFault)
	w.disk.failing = "remove uploads/*.data"
	if err := w.sweep(); err == nil || w.gone {
		t.Fatalf("sweep: %v, gone %v; want an error", err, w.gone)
	}
	w.disk.failing = ""
	if err := w.sweep(); err != nil || !w.gone {
		t.Errorf("sweep: %v, gone %v", err, w.gone)
	}
	if ids := w.store.Expired(); len(ids) > 0 {
		t.Errorf("still to be swept: %q", ids)
	}
	w.invariants()
}
