package filestore

import (
	"os"
	"path/filepath"
	"testing"
)

// recoveries are what a start finds, and puts in order while one call fails.
var recoveries = []operation{
	{
		name:    "recover a rejected upload",
		prepare: func(w *world) { w.wrong = true; w.complete() },
		act:     (*world).reopen,
		after:   (*world).stillWrong,
		server:  true,
	},
	{
		name:    "recover a complete upload",
		prepare: (*world).complete,
		act:     (*world).reopen,
		server:  true,
	},
	{
		name: "recover an upload with two names",
		prepare: func(w *world) {
			w.complete()
			w.prepared(os.Link(filepath.Join(w.dir, dataPath(w.id)), filepath.Join(w.dir, "files", "name.bin")))
		},
		act:    (*world).reopen,
		server: true,
	},
	{
		name: "recover from a removal",
		prepare: func(w *world) {
			w.unfinished(5)
			w.prepared(os.Link(filepath.Join(w.dir, dataPath(w.id)), filepath.Join(w.dir, removedPath(w.id))))
			w.gone = true
		},
		act:    (*world).reopen,
		after:  func(w *world) { wantNames(w.T, filepath.Join(w.dir, quarantine)) },
		server: true,
	},
	{
		name: "recover from a lost record",
		prepare: func(w *world) {
			w.unfinished(5)
			w.prepared(os.Remove(filepath.Join(w.dir, recordPath(w.id))))
			w.gone = true
		},
		act:    (*world).reopen,
		after:  func(w *world) { wantFile(w.T, filepath.Join(w.dir, quarantine, w.id+".data"), content[:5]) },
		server: true,
	},
	{
		name: "recover from a creation that was cut off",
		prepare: func(w *world) {
			w.unfinished(0)
			w.prepared(os.Truncate(filepath.Join(w.dir, recordPath(w.id)), 0))
			w.gone = true
		},
		act:    (*world).reopen,
		after:  func(w *world) { wantNames(w.T, filepath.Join(w.dir, quarantine)) },
		server: true,
	},
	{
		name: "recover from an unreadable record",
		prepare: func(w *world) {
			w.unfinished(5)
			w.prepared(os.WriteFile(filepath.Join(w.dir, recordPath(w.id)), []byte("garbage"), 0o600))
			w.gone = true
		},
		act: (*world).reopen,
		after: func(w *world) {
			wantFile(w.T, filepath.Join(w.dir, quarantine, w.id+".log"), "garbage")
			wantFile(w.T, filepath.Join(w.dir, quarantine, w.id+".data"), content[:5])
		},
		server: true,
	},
}

func TestRecoverFaults(t *testing.T) { faults(t, recoveries) }

// reopen opens the store on the disk that fails.
func (w *world) reopen() error { return w.open(w.disk.fault) }
