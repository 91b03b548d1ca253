//go:build unix

package durable

import (
	"io/fs"
	"syscall"
)

// Links returns how many names the file that info describes has.
func Links(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Nlink)
	}
	return 1
}
