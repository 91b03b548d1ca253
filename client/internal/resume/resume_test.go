package resume_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

func sample() *resume.Record {
	tr := new(trail.Trail)
	tr.Write([]byte("hello"))
	return &resume.Record{
		Version: resume.Version, Endpoint: "http://h/files/", URL: "http://h/files/1", Path: "/tmp/a",
		File: resume.Stat{Device: 1, Inode: 2, Size: 9, Modified: 1700000000123456789}, Trail: tr,
		Offset: 5, Open: true, Created: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
	}
}

func open(t *testing.T, dir, path string) *resume.Slot {
	t.Helper()
	slot, err := resume.Open(dir, "http://h/files/", path)
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, filepath.Ext(e.Name()))
	}
	return list
}

func TestSavedRecordIsLoaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	slot := open(t, dir, "/tmp/a")
	if r, err := slot.Load(); r != nil || err != nil {
		t.Fatalf("empty slot: %v, %v", r, err)
	}
	if err := slot.Save(sample()); err != nil {
		t.Fatal(err)
	}
	if err := slot.Close(); err != nil {
		t.Fatal(err)
	}
	slot = open(t, dir, "/tmp/a")
	defer slot.Close()
	got, err := slot.Load()
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Fatalf("loaded %+v, %v; want %+v", got, err, sample())
	}
}

func TestOneHolderPerFile(t *testing.T) {
	dir := t.TempDir()
	slot := open(t, dir, "/tmp/a")
	if _, err := resume.Open(dir, "http://h/files/", "/tmp/a"); !errors.Is(err, resume.ErrBusy) {
		t.Fatalf("second holder: %v", err)
	}
	other := open(t, dir, "/tmp/b")
	other.Close()
	slot.Close()
	open(t, dir, "/tmp/a").Close()
	if left := names(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestNeverTwoHolders(t *testing.T) {
	dir := t.TempDir()
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				slot, err := resume.Open(dir, "http://h/files/", "/tmp/a")
				if errors.Is(err, resume.ErrBusy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) > 1 {
					t.Error("two holders")
				}
				runtime.Gosched()
				holders.Add(-1)
				slot.Close()
			}
		})
	}
	all.Wait()
}

func TestRemoveLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	slot := open(t, dir, "/tmp/a")
	if err := slot.Save(sample()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := slot.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	slot.Close()
	if left := names(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestFailedSaveKeepsTheOldRecord(t *testing.T) {
	dir := t.TempDir()
	slot := open(t, dir, "/tmp/a")
	defer slot.Close()
	if err := slot.Save(sample()); err != nil {
		t.Fatal(err)
	}
	recordPath := filepath.Join(dir, firstJSON(t, dir))
	if err := os.Mkdir(recordPath+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	changed := sample()
	changed.Offset = 9
	if err := slot.Save(changed); err == nil {
		t.Fatal("saved over a directory")
	}
	if got, err := slot.Load(); err != nil || got.Offset != 5 {
		t.Fatalf("loaded %+v, %v", got, err)
	}
}

func firstJSON(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("records: %v, %v", found, err)
	}
	return filepath.Base(found[0])
}

func TestParseRefuses(t *testing.T) {
	with := func(change func(r *resume.Record)) []byte {
		r := sample()
		change(r)
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, tc := range []struct {
		name string
		data []byte
		want error
	}{
		{"newer", with(func(r *resume.Record) { r.Version = 2 }), resume.ErrNewer},
		{"newer and otherwise unknown", []byte(`{"version":7,"url":{}}`), resume.ErrNewer},
		{"no version", with(func(r *resume.Record) { r.Version = 0 }), resume.ErrBroken},
		{"empty", nil, resume.ErrBroken},
		{"cut", with(func(*resume.Record) {})[:60], resume.ErrBroken},
		{"no trail", with(func(r *resume.Record) { r.Trail = nil }), resume.ErrBroken},
		{"relative path", with(func(r *resume.Record) { r.Path = "a" }), resume.ErrBroken},
		{"odd url", with(func(r *resume.Record) { r.URL = "file:///etc/passwd" }), resume.ErrBroken},
		{"negative offset", with(func(r *resume.Record) { r.Offset = -1 }), resume.ErrBroken},
	} {
		if r, err := resume.Parse(tc.data); r != nil || !errors.Is(err, tc.want) {
			t.Errorf("%s: %+v, %v", tc.name, r, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	good, err := json.Marshal(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"trail":{"offset":67108864,"steps":""}}`))
	f.Add([]byte(`{"version":99}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := resume.Parse(data)
		if err != nil {
			if r != nil || !errors.Is(err, resume.ErrBroken) && !errors.Is(err, resume.ErrNewer) {
				t.Fatalf("%v, %v", r, err)
			}
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := resume.Parse(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if third, err := json.Marshal(back); err != nil || !bytes.Equal(again, third) {
			t.Fatalf("%s became %s: %v", again, third, err)
		}
	})
}

func TestNotedRecordCounts(t *testing.T) {
	dir := t.TempDir()
	slot := open(t, dir, "/tmp/a")
	defer slot.Close()
	if err := slot.Note(sample()); err == nil {
		t.Error("noted where nothing was saved")
	}
	if err := slot.Save(sample()); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(filepath.Join(dir, recordName(t, dir)))
	if err != nil {
		t.Fatal(err)
	}
	for offset := int64(6); offset < 9; offset++ {
		r := sample()
		r.Offset = offset
		if err := slot.Note(r); err != nil {
			t.Fatal(err)
		}
		if got, err := slot.Load(); err != nil || got.Offset != offset {
			t.Errorf("loaded %+v, %v; want the offset %d", got, err, offset)
		}
	}
	noted, err := os.ReadFile(filepath.Join(dir, recordName(t, dir)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(noted, saved) || len(noted) <= len(saved) {
		t.Error("noting touched what was saved")
	}
	// Wherever the notes end, and whatever stands there in their place.
	for end := len(saved); end <= len(noted); end++ {
		for _, data := range [][]byte{noted[:end], append(bytes.Clone(noted[:end]), make([]byte, len(noted)-end)...)} {
			if r, err := resume.Parse(data); err != nil || r.Offset < 5 || r.Offset > 8 {
				t.Fatalf("after %d bytes: %+v, %v", end, r, err)
			}
		}
	}
	for name, save := range map[string]func(*resume.Record) error{"Save": slot.Save, "SaveLater": slot.SaveLater} {
		if err := save(sample()); err != nil {
			t.Fatal(err)
		}
		if got, err := slot.Load(); err != nil || got.Offset != 5 {
			t.Errorf("%s after notes: %+v, %v", name, got, err)
		}
	}
}

func recordName(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("records: %q, %v", found, err)
	}
	return filepath.Base(found[0])
}

func TestPrune(t *testing.T) {
	now := time.Now()
	for _, tc := range []struct {
		name, file string
		finished   bool
		age        time.Duration
		held       bool
		stays      bool
	}{
		{"finished long ago", "", true, resume.FinishedAge + time.Hour, false, false},
		{"finished not so long ago", "", true, resume.FinishedAge - time.Hour, false, true},
		{"finished, and asked for right now", "", true, resume.FinishedAge + time.Hour, true, true},
		{"unfinished", "", false, 10 * resume.FinishedAge, false, true},
		{"lock of a killed process", "0.lock", false, 25 * time.Hour, false, false},
		{"young lock", "0.lock", false, time.Hour, false, true},
		{"half a record", "0.json.new", false, 25 * time.Hour, false, false},
		{"half a record, young", "0.json.new", false, time.Hour, false, true},
		{"limit", "0.way", false, 8 * 24 * time.Hour, false, false},
		{"young limit", "0.way", false, 6 * 24 * time.Hour, false, true},
		{"something else", "notes.txt", false, 1000 * 24 * time.Hour, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			if tc.file == "" {
				slot := open(t, dir, "/tmp/a")
				r := sample()
				r.Finished = tc.finished
				if err := slot.Save(r); err != nil {
					t.Fatal(err)
				}
				if tc.held {
					defer slot.Close()
				} else {
					slot.Close()
				}
				tc.file = recordName(t, dir)
			} else if err := os.WriteFile(filepath.Join(dir, tc.file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, tc.file)
			if err := os.Chtimes(path, now.Add(-tc.age), now.Add(-tc.age)); err != nil {
				t.Fatal(err)
			}
			resume.Prune(dir, now)
			if _, err := os.Stat(path); (err == nil) != tc.stays {
				t.Errorf("after pruning: %v", err)
			}
		})
	}
}

func TestPruneOnceADay(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	path := filepath.Join(dir, "0.way")
	for _, tc := range []struct {
		after time.Duration
		stays bool
	}{{0, false}, {23 * time.Hour, true}, {25 * time.Hour, false}} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		old := now.Add(-30 * 24 * time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		resume.Prune(dir, now.Add(tc.after))
		if _, err := os.Stat(path); (err == nil) != tc.stays {
			t.Errorf("after %v: %v", tc.after, err)
		}
	}
}
