package filestore

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What belongs to a final upload can neither be removed nor be a part of another
// one. It is free again when the final upload is gone, and all that also after a
// restart.
func TestClaims(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Config{})
	parts := append(partsOf(t, s, "hello"), partOf(t, s, "world", 2))
	other := partOf(t, s, "other", 5)
	id := mustConcat(t, s, parts...)
	for range 2 {
		for _, part := range parts {
			u, err := s.GetUpload(t.Context(), part)
			if err != nil {
				t.Fatal(err)
			}
			if err := u.(*upload).Terminate(t.Context()); !errors.Is(err, ErrPartTaken) {
				t.Errorf("Terminate of a part: %v, want ErrPartTaken", err)
			}
			if _, err := concatOf(s, other, part); !errors.Is(err, ErrPartTaken) {
				t.Errorf("NewUpload: %v, want ErrPartTaken", err)
			}
		}
		stop()
		s, stop = openStore(t, dir, Config{})
	}
	u, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.(*upload).Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	writeRest(t, s, parts[1], "rld")
	again := mustConcat(t, s, parts[1], parts[0], other)
	wantContent(t, s, again, "worldhelloother")
	s.foldWaiting(t.Context())
	wantFile(t, filepath.Join(dir, "files", "name.bin"), "worldhelloother")
	wantNames(t, filepath.Join(dir, "uploads"), again+".log")
}

// Partial uploads expire, also when they are complete. With a final upload they
// live as long as bytes arrive in any of them, and go together.
func TestPartsExpire(t *testing.T) {
	now := epoch
	dir := t.TempDir()
	s, _ := openStore(t, dir, Config{ExpireAfter: time.Hour, Now: func() time.Time { return now }})
	sweep := func() (removed int) {
		t.Helper()
		for range 2 {
			for _, id := range s.Expired() {
				gone, _, err := s.RemoveExpired(id)
				if err != nil {
					t.Error(err)
				}
				if gone {
					removed++
				}
			}
		}
		return removed
	}
	free := partOf(t, s, "free", 4)
	parts := append(partsOf(t, s, "hello"), partOf(t, s, "world", 1))
	id := mustConcat(t, s, parts...)
	now = now.Add(30 * time.Minute)
	writeRest(t, s, parts[1], "or")
	now = now.Add(30 * time.Minute)
	if got := sweep(); got != 1 {
		t.Errorf("%d removed after an hour, want the one that is no part", got)
	}
	if _, err := s.GetUpload(t.Context(), free); !errors.Is(err, ErrNotFound) {
		t.Errorf("the one that is no part: %v", err)
	}
	now = now.Add(29 * time.Minute)
	for _, id := range append(parts, id) {
		var info Info
		if _, err := s.GetUpload(WithObserver(t.Context(), func(i Info) { info = i }), id); err != nil || !info.Expires.Equal(epoch.Add(90*time.Minute)) {
			t.Errorf("%s expires at %v, error %v", id, info.Expires, err)
		}
	}
	now = now.Add(time.Minute)
	if _, err := s.GetUpload(t.Context(), id); !errors.Is(err, ErrExpired) {
		t.Errorf("the final upload: %v, want ErrExpired", err)
	}
	if got := sweep(); got != 3 {
		t.Errorf("%d removed, want the final upload and its two parts", got)
	}
	wantNames(t, filepath.Join(dir, "uploads"))
}

// A complete final upload does not expire, and nor do its parts.
func TestCompleteFinalStays(t *testing.T) {
	now := epoch
	s, _ := openStore(t, t.TempDir(), Config{ExpireAfter: time.Hour, Now: func() time.Time { return now }})
	id := mustConcat(t, s, partsOf(t, s, "hello", "world")...)
	now = now.Add(1000 * time.Hour)
	if ids := s.Expired(); len(ids) > 0 {
		t.Errorf("Expired = %v", ids)
	}
	wantContent(t, s, id, "helloworld")
}

// Of two final uploads that want the same part at the same time one gets it, and
// of two requests for the same one both get that.
func TestConcatRace(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	for range 20 {
		parts := partsOf(t, s, "a", "b", "c")
		lists := [][]string{parts[:2], parts[1:], parts[:2], parts[1:]}
		errs, ids := make([]error, len(lists)), make([]string, len(lists))
		var wg sync.WaitGroup
		for i, list := range lists {
			wg.Go(func() {
				u, err := concatOf(s, list...)
				if errs[i] = err; err == nil {
					ids[i] = u.(*upload).rec.ID
				}
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || (errs[0] == nil) != (errs[2] == nil) || (errs[1] == nil) != (errs[3] == nil) || ids[0] != ids[2] || ids[1] != ids[3] {
			t.Errorf("ids %q, errors %v", ids, errs)
		}
	}
}

// Lengths whose sum is no int64 are too large where nothing else is.
func TestFitsOverflow(t *testing.T) {
	for _, tt := range []struct {
		lengths []int64
		want    bool
	}{
		{[]int64{math.MaxInt64}, true},
		{[]int64{math.MaxInt64 - 1, 1}, true},
		{[]int64{math.MaxInt64, 1}, false},
		{[]int64{math.MaxInt64, math.MaxInt64, 2}, false},
	} {
		f := new(final)
		for _, n := range tt.lengths {
			f.parts = append(f.parts, part{length: &n})
		}
		if got := f.fits(math.MaxInt64, "none", 0); got != tt.want {
			t.Errorf("%d fit: %v, want %v", tt.lengths, got, tt.want)
		}
	}
}

// A final upload of which a part is lost is not made up, and nothing that is left
// of it is removed.
func TestPartLost(t *testing.T) {
	now := epoch
	dir := t.TempDir()
	cfg := Config{ExpireAfter: time.Hour, Now: func() time.Time { return now }}
	s, stop := openStore(t, dir, cfg)
	parts := partsOf(t, s, "hello", "wor", "ld")
	id := mustConcat(t, s, parts...)
	stop()
	if err := os.Remove(filepath.Join(dir, recordPath(parts[1]))); err != nil {
		t.Fatal(err)
	}
	s, _ = openStore(t, dir, cfg)
	now = now.Add(1000 * time.Hour)
	if ids := s.Expired(); len(ids) > 0 {
		t.Errorf("Expired = %q", ids)
	}
	s.foldWaiting(t.Context())
	_, getErr := s.GetUpload(t.Context(), id)
	_, _, openErr := s.Open(t.Context(), id)
	_, concatErr := concatOf(s, parts...)
	for _, err := range []error{getErr, openErr, concatErr} {
		if !errors.Is(err, errInternal) {
			t.Errorf("got %v, want an internal error", err)
		}
	}
	if _, err := concatOf(s, parts[0]); !errors.Is(err, ErrPartTaken) {
		t.Errorf("NewUpload: %v, want ErrPartTaken", err)
	}
	want := []string{id + ".data", id + ".log", parts[0] + ".data", parts[0] + ".log", parts[2] + ".data", parts[2] + ".log"}
	slices.Sort(want)
	wantNames(t, filepath.Join(dir, "uploads"), want...)
}

// A final upload whose time is up, and that gets a byte before it is removed, stays.
func TestByteBeforeRemoval(t *testing.T) {
	w := newWorld(t)
	ids := []string{partOf(t, w.store, "hello", 3), partOf(t, w.store, "world", 3)}
	id := mustConcat(t, w.store, ids...)
	u := w.must(w.store.GetUpload(t.Context(), ids[1]))
	w.now = w.now.Add(time.Hour)
	w.disk.before = func(call string) {
		if call == "stat uploads/*.data" {
			w.disk.before = nil
			if _, err := u.WriteChunk(t.Context(), 3, strings.NewReader("l")); err != nil {
				t.Error(err)
			}
		}
	}
	if removed, _, err := w.store.RemoveExpired(id); removed || err != nil {
		t.Errorf("removed %v, error %v", removed, err)
	}
	writeRest(t, w.store, ids[0], "lo")
	writeRest(t, w.store, ids[1], "d")
	wantContent(t, w.store, id, "helloworld")
}

// A final upload whose last part comes while it is terminated is not folded: it
// is gone, nothing of it is published, and its parts are free.
func TestTerminateWhileCompleting(t *testing.T) {
	w := newWorld(t)
	whole := partOf(t, w.store, "hello", 5)
	growing := partOf(t, w.store, "world", 3)
	id := mustConcat(t, w.store, whole, growing)
	u := w.must(w.store.GetUpload(t.Context(), id))
	w.disk.before = func(call string) {
		if call == "remove uploads/*.log" {
			w.disk.before = nil
			writeRest(t, w.store, growing, "ld")
			w.store.foldWaiting(t.Context())
		}
	}
	if err := u.Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.store.foldWaiting(t.Context())
	wantNames(t, filepath.Join(w.dir, "files"))
	wantContent(t, w.store, mustConcat(t, w.store, growing, whole), "worldhello")
}

// The parts of a final upload that is folded, and that the crash came before the
// removal of, are its own until they are gone: the first of them is its data.
func TestClaimsOfWhatIsFolded(t *testing.T) {
	w := newWorld(t)
	whole, parts := randomParts(2)
	ids := partsOf(t, w.store, parts...)
	id := mustConcat(t, w.store, ids...)
	w.foldSteps(2)
	w.restart()
	if _, err := concatOf(w.store, ids[0]); !errors.Is(err, ErrPartTaken) {
		t.Errorf("another final upload with its first part: %v, want ErrPartTaken", err)
	}
	if info := infoOf(t, w.must(w.store.GetUpload(t.Context(), id))); info.Size != int64(len(whole)) || info.Offset != info.Size {
		t.Errorf("offset %d of %d, want %d", info.Offset, info.Size, len(whole))
	}
	wantContent(t, w.store, id, whole)
	w.prepared(w.fold())
	wantContent(t, w.store, id, whole)
	wantNames(t, filepath.Join(w.dir, "files"), "name.bin")
	if _, err := concatOf(w.store, ids[0]); !errors.Is(err, ErrPartNotFound) {
		t.Errorf("when it is folded: %v, want ErrPartNotFound", err)
	}
}

// No other final upload can be made of the parts while theirs is being removed, and
// it can be made again when it is.
func TestConcatWhileTerminating(t *testing.T) {
	w := newWorld(t)
	_, parts := randomParts(2)
	ids := partsOf(t, w.store, parts...)
	u := w.must(w.store.GetUpload(t.Context(), mustConcat(t, w.store, ids...)))
	asked := false
	w.disk.before = func(call string) {
		if call == "remove uploads/*.data" && !asked {
			asked = true
			if _, err := concatOf(w.store, ids[1], ids[0]); !errors.Is(err, ErrPartTaken) {
				t.Errorf("another one in the middle: %v, want ErrPartTaken", err)
			}
		}
	}
	if err := u.Terminate(t.Context()); err != nil || !asked {
		t.Fatalf("Terminate: %v; asked in the middle: %v", err, asked)
	}
	wantContent(t, w.store, mustConcat(t, w.store, ids...), strings.Join(parts, ""))
}

// A final upload that is being created is not there yet, for whoever asks, and
// cannot be removed half-made. Its parts are its own already.
func TestAskedWhileConcatenating(t *testing.T) {
	for _, call := range []string{"write uploads/*.log", "sync uploads/*.log", "link to uploads/*.data"} {
		t.Run(call, func(t *testing.T) {
			w := newWorld(t)
			log := w.logged()
			ids := partsOf(t, w.store, "hello", "world")
			id, err := FinalID(ids)
			w.prepared(err)
			asked := false
			w.once(call, func() {
				asked = true
				_, getErr := w.store.GetUpload(t.Context(), id)
				_, _, openErr := w.store.Open(t.Context(), id)
				removed, _, removeErr := w.store.RemoveExpired(id)
				if !errors.Is(getErr, ErrNotFound) || !errors.Is(openErr, ErrNotFound) || removed || removeErr != nil {
					t.Errorf("GetUpload: %v, Open: %v; want ErrNotFound; RemoveExpired: %v, %v", getErr, openErr, removed, removeErr)
				}
				if err := w.must(w.store.GetUpload(t.Context(), ids[0])).Terminate(t.Context()); !errors.Is(err, ErrPartTaken) {
					t.Errorf("Terminate of a part: %v, want ErrPartTaken", err)
				}
			})
			mustConcat(t, w.store, ids...)
			if !asked || strings.Contains(log.String(), "ERROR") {
				t.Errorf("asked: %v; %s", asked, log)
			}
			wantContent(t, w.store, id, "helloworld")
		})
	}
}

// Who asks for a final upload just before there is one, and reads its record when that
// is empty, or just after, is not told that it cannot be read.
func TestAskedJustBeforeConcatenating(t *testing.T) {
	t.Run("empty", func(t *testing.T) {
		w := newWorld(t)
		ids := partsOf(t, w.store, "hello", "world")
		id, err := FinalID(ids)
		w.prepared(err)
		writing, goOn, created := make(chan struct{}), make(chan struct{}), make(chan struct{})
		w.once("open uploads/*.log", func() {
			w.once("write uploads/*.log", func() {
				close(writing)
				<-goOn
			})
			go func() {
				defer close(created)
				mustConcat(t, w.store, ids...)
			}()
			<-writing
		})
		if _, err := w.store.GetUpload(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("GetUpload: %v, want ErrNotFound", err)
		}
		close(goOn)
		<-created
		wantContent(t, w.store, id, "helloworld")
	})
	t.Run("just after", func(t *testing.T) {
		w := newWorld(t)
		ids := partsOf(t, w.store, "hello", "world")
		id, err := FinalID(ids)
		w.prepared(err)
		w.once("open uploads/*.log", func() { mustConcat(t, w.store, ids...) })
		if _, err := w.store.GetUpload(t.Context(), id); err != nil {
			t.Errorf("GetUpload: %v", err)
		}
	})
}
