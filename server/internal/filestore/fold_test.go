package filestore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pieceSize makes parts that are folded one by one.
const pieceSize = foldAtLeast*2/3 + 1

// randomParts returns bytes, and the pieces of pieceSize and a shorter one that
// they are made of.
func randomParts(n int) (whole string, parts []string) {
	b := make([]byte, n*pieceSize-100)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b)
	whole = string(b)
	for piece := range slices.Chunk(b, pieceSize) {
		parts = append(parts, string(piece))
	}
	return whole, parts
}

// stepper folds a final upload step by step.
type stepper struct {
	t *testing.T
	u *upload
	f *final
}

func newStepper(t *testing.T, s *Store) *stepper {
	t.Helper()
	_, f := s.folds.begin(t.Context())
	rec, err := s.load(f.id)
	if err != nil {
		t.Fatal(err)
	}
	return &stepper{t, &upload{store: s, rec: rec}, f}
}

// step folds the next part, and returns false when there is none.
func (s *stepper) step() bool {
	s.t.Helper()
	if s.u.rec.complete() {
		return false
	}
	folded := s.u.rec.Folded
	if err := s.u.foldSome(s.t.Context(), s.f); err != nil {
		s.t.Fatal(err)
	}
	if got := s.u.rec.Folded - folded; got != 1 {
		s.t.Fatalf("%d parts in one step", got)
	}
	return true
}

func (s *stepper) remove() {
	s.t.Helper()
	if err := s.u.store.removeParts(s.u.rec.Parts[:s.u.rec.Folded]); err != nil {
		s.t.Fatal(err)
	}
}

// Readers that were opened at any time read the same bytes at any time: before a
// part is folded, when it is in both places, when it is removed, when the whole is
// published.
func TestReadWhileFolding(t *testing.T) {
	whole, parts := randomParts(5)
	s, _ := openStore(t, t.TempDir(), Config{})
	id := mustConcat(t, s, partsOf(t, s, parts...)...)
	rng := rand.New(rand.NewPCG(1, 2))
	var readers []io.ReadSeekCloser
	defer func() {
		for _, r := range readers {
			r.Close()
		}
	}()
	read := func() {
		t.Helper()
		f, _, err := s.Open(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, f)
		for i, r := range readers {
			from := rng.Int64N(int64(len(whole)))
			if _, err := r.Seek(from, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			p := make([]byte, min(pieceSize*3/2, len(whole)-int(from)))
			if _, err := io.ReadFull(r, p); err != nil || string(p) != whole[from:int(from)+len(p)] {
				t.Fatalf("reader %d at %d: wrong bytes, error %v", i, from, err)
			}
		}
	}
	read()
	for st := newStepper(t, s); st.step(); {
		read()
		st.remove()
		read()
	}
	s.folds.end(false)
	if _, err := s.GetUpload(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.folds.add(s.claims.finals[id])
	s.foldWaiting(t.Context())
	read()
	if _, ok := readers[0].(*joined); !ok {
		t.Errorf("before folding it was read by a %T", readers[0])
	}
	if _, ok := readers[len(readers)-1].(*os.File); !ok {
		t.Errorf("after folding it is read by a %T", readers[len(readers)-1])
	}
}

// One reader runs across the folding, with ranges of every sort.
func TestReadAcrossFolding(t *testing.T) {
	whole, parts := randomParts(6)
	s, _ := openStore(t, t.TempDir(), Config{})
	for range 3 {
		id := mustConcat(t, s, partsOf(t, s, parts...)...)
		var wg sync.WaitGroup
		for range 4 {
			f, _, err := s.Open(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				defer f.Close()
				for range 3 {
					var got bytes.Buffer
					if _, err := f.Seek(0, io.SeekStart); err != nil {
						t.Error(err)
					}
					if n, err := io.Copy(&got, f); err != nil || got.String() != whole {
						t.Errorf("%d bytes read, error %v", n, err)
					}
				}
			})
		}
		s.foldWaiting(t.Context())
		wg.Wait()
	}
}

// While a final upload is folded the disk holds its bytes and one part, not more.
func TestFoldHoldsNoSecondCopy(t *testing.T) {
	whole, parts := randomParts(4)
	w := newWorld(t)
	id := mustConcat(t, w.store, partsOf(t, w.store, parts...)...)
	most := 0
	w.disk.before = func(string) { most = max(most, w.held()) }
	w.prepared(w.fold())
	if limit := len(whole) + pieceSize; most > limit || most <= len(whole) {
		t.Errorf("at most %d bytes were held, want more than %d and no more than %d", most, len(whole), limit)
	}
	wantContent(t, w.store, id, whole)
}

// held is how many bytes the files have, those with two names once.
func (w *world) held() (total int) {
	var seen []fs.FileInfo
	for _, pattern := range []string{"uploads/*.data", "files/*"} {
		names, err := filepath.Glob(filepath.Join(w.dir, pattern))
		w.prepared(err)
		for _, name := range names {
			info, err := os.Stat(name)
			w.prepared(err)
			if !slices.ContainsFunc(seen, func(other fs.FileInfo) bool { return os.SameFile(other, info) }) {
				seen, total = append(seen, info), total+int(info.Size())
			}
		}
	}
	return total
}

// A reader of a final upload that was removed does not read the one that was then
// made of some of its parts.
func TestReadAfterTerminating(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	_, parts := randomParts(3)
	ids := partsOf(t, s, parts...)
	id := mustConcat(t, s, ids...)
	f, _, err := s.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	u, err := s.GetUpload(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.(*upload).Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustConcat(t, s, ids[0], ids[1])
	mustConcat(t, s, ids[2])
	s.foldWaiting(t.Context())
	p := make([]byte, 100)
	if _, err := f.Seek(pieceSize, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Read(p); n > 0 || err == nil {
		t.Errorf("%d bytes of another file, error %v", n, err)
	}
}

// Many small parts cost few syncs.
func TestFoldManySmall(t *testing.T) {
	w := newWorld(t)
	var contents []string
	for i := range 300 {
		contents = append(contents, strings.Repeat("x", i%3))
	}
	id := mustConcat(t, w.store, partsOf(t, w.store, contents...)...)
	w.disk.set(noFault)
	w.prepared(w.fold())
	syncs := 0
	for _, call := range w.disk.calls {
		if strings.HasPrefix(call, "sync ") {
			syncs++
		}
	}
	if syncs > 12 {
		t.Errorf("%d syncs", syncs)
	}
	wantContent(t, w.store, id, strings.Join(contents, ""))
}

// A part whose bytes are not those that came ends the folding with a word in the
// log. Nothing is removed, nothing published, also after a restart.
func TestFoldMismatch(t *testing.T) {
	_, parts := randomParts(4)
	dir := t.TempDir()
	var log bytes.Buffer
	cfg := Config{Log: slog.New(slog.NewTextHandler(&log, nil))}
	s, stop := openStore(t, dir, cfg)
	ids := partsOf(t, s, parts...)
	id := mustConcat(t, s, ids...)
	rotten := filepath.Join(dir, dataPath(ids[2]))
	data, err := os.ReadFile(rotten)
	if err != nil {
		t.Fatal(err)
	}
	data[1000] ^= 1
	if err := os.WriteFile(rotten, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		log.Reset()
		s.foldWaiting(t.Context())
		s.folds.retry()
		s.foldWaiting(t.Context()) // which does not try again
		if got := strings.Count(log.String(), errMismatch.Error()); got != 1 || !strings.Contains(log.String(), ids[2]) || !strings.Contains(log.String(), id) {
			t.Errorf("the log says it %d times: %s", got, log.String())
		}
		want := []string{id + ".data", id + ".log"}
		for _, part := range ids[2:] {
			want = append(want, part+".data", part+".log")
		}
		slices.Sort(want)
		wantNames(t, filepath.Join(dir, "uploads"), want...)
		wantNames(t, filepath.Join(dir, "files"))
		stop()
		s, stop = openStore(t, dir, cfg)
	}
}

// What could not be folded is tried again after a while.
func TestFoldTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, parts := randomParts(2)
		id := mustConcat(t, w.store, partsOf(t, w.store, parts...)...)
		ctx, cancel := context.WithCancel(t.Context())
		const write = "write uploads/*.data"
		failed := false
		w.disk.before = func(call string) {
			w.disk.failing = ""
			if call == write && !failed {
				w.disk.failing, failed = write, true
			}
		}
		var running sync.WaitGroup
		running.Go(func() { w.store.Fold(ctx) })
		synctest.Wait()
		wantNames(t, filepath.Join(w.dir, "files"))
		time.Sleep(foldAgain)
		synctest.Wait()
		wantNames(t, filepath.Join(w.dir, "files"), "name.bin")
		cancel()
		running.Wait()
		wantContent(t, w.store, id, strings.Join(parts, ""))
	})
}

// A final upload that is terminated while it is folded is gone when the answer
// says so, with all that was folded. The other parts are free.
func TestTerminateWhileFolding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, parts := randomParts(3)
		ids := partsOf(t, w.store, parts...)
		id := mustConcat(t, w.store, ids...)
		u := w.must(w.store.GetUpload(t.Context(), id))
		writing, goOn := make(chan struct{}), make(chan struct{})
		w.disk.before = func(call string) {
			if call == "write uploads/*.data" {
				w.disk.before = nil
				close(writing)
				<-goOn
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { w.store.Fold(ctx) })
		<-writing
		ended := make(chan error, 1)
		go func() { ended <- u.Terminate(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("Terminate did not wait: %v", err)
		default:
		}
		close(goOn)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		cancel()
		running.Wait()
		if _, err := w.store.GetUpload(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("GetUpload: %v, want ErrNotFound", err)
		}
		want := []string{w.bystander + ".data", w.bystander + ".log", ids[1] + ".data", ids[1] + ".log", ids[2] + ".data", ids[2] + ".log"}
		slices.Sort(want)
		wantNames(t, filepath.Join(w.dir, "uploads"), want...)
		wantContent(t, w.store, mustConcat(t, w.store, ids[1:]...), parts[1]+parts[2])
	})
}

// Bytes that the disk has lost are not made up of zeros: folding ends with a word in
// the log, and is not tried again. What there is stays.
func TestFoldTooShort(t *testing.T) {
	for name, shortened := range map[string]func(id string, parts []string) string{
		"what is folded": func(id string, _ []string) string { return id },
		"the next part":  func(_ string, parts []string) string { return parts[1] },
	} {
		t.Run(name, func(t *testing.T) {
			_, parts := randomParts(3)
			dir := t.TempDir()
			var log bytes.Buffer
			s, _ := openStore(t, dir, Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
			ids := partsOf(t, s, parts...)
			id := mustConcat(t, s, ids...)
			st := newStepper(t, s)
			st.step()
			st.remove()
			s.folds.end(true)
			if err := os.Truncate(filepath.Join(dir, dataPath(shortened(id, ids))), 1000); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				s.folds.retry()
				s.foldWaiting(t.Context())
			}
			if got := strings.Count(log.String(), "the data file has 1000 bytes"); got != 1 {
				t.Errorf("the log says it %d times: %s", got, log.String())
			}
			wantNames(t, filepath.Join(dir, "files"))
			want := []string{id + ".data", id + ".log"}
			for _, part := range ids[1:] {
				want = append(want, part+".data", part+".log")
			}
			slices.Sort(want)
			wantNames(t, filepath.Join(dir, "uploads"), want...)
		})
	}
}
