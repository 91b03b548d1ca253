package resume

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// FinishedAge is for how long a finished upload is remembered after it was
	// last asked for.
	FinishedAge = 90 * 24 * time.Hour
	// pruneEvery is how often a directory is looked through.
	pruneEvery = 24 * time.Hour
	// pruneMark is the file whose time says when that was done last.
	pruneMark = "pruned"
)

// Prune removes from dir what nobody needs any more: the records of uploads that
// were finished, or last found to be, FinishedAge before now, and what crashes
// left behind. Unfinished uploads stay. It does so once a day however often it is
// called, and what cannot be removed stays for the next time.
func Prune(dir string, now time.Time) {
	mark := filepath.Join(dir, pruneMark)
	if info, err := os.Stat(mark); err == nil && now.Sub(info.ModTime()) < pruneEvery {
		return
	}
	if os.WriteFile(mark, nil, 0o600) != nil || os.Chtimes(mark, now, now) != nil {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			prune(filepath.Join(dir, e.Name()), now)
		}
	}
}

// prune removes the file at path if it can go.
func prune(path string, now time.Time) {
	age := ageOf(path, now)
	switch extension := filepath.Ext(path); {
	case extension == ".json" && age > FinishedAge:
		pruneRecord(path, now)
	case extension == ".lock" && age > pruneEvery:
		if lock, err := claim(path); err == nil {
			_ = (&Slot{lock: lock}).Close()
		}
	case extension == ".way" && age > limitAge, extension == ".new" && age > pruneEvery:
		_ = os.Remove(path)
	}
}

// ageOf returns how long ago the file at path was written; one that is gone is new.
func ageOf(path string, now time.Time) time.Duration {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return now.Sub(info.ModTime())
}

func pruneRecord(path string, now time.Time) {
	lock, err := claim(strings.TrimSuffix(path, ".json") + ".lock")
	if err != nil {
		return
	}
	slot := &Slot{path: path, lock: lock}
	defer slot.Close()
	if ageOf(path, now) <= FinishedAge {
		return // somebody had it between looking and claiming
	}
	if r, err := slot.Load(); err == nil && r != nil && r.Finished {
		_ = slot.Remove()
	}
}
