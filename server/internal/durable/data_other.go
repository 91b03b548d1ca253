//go:build !linux

package durable

import "os"

// SyncData makes the content and the size of f last. Go's Sync is F_FULLFSYNC
// on macOS, which reaches the platter where fsync alone would not.
//
//	fsync(f)
func SyncData(f *os.File) error { return f.Sync() }

// StartWriteback does nothing here: only Linux offers it.
func StartWriteback(*os.File, int64, int64) error { return nil }
