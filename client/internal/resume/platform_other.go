//go:build !unix

package resume

import "io/fs"

// StatOf describes the file that info is about.
func StatOf(info fs.FileInfo) Stat {
	return Stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}

// SyncDir does nothing: directories cannot be opened for syncing here.
func SyncDir(string) error { return nil }
