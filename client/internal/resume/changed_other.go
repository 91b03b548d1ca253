//go:build unix && !linux && !darwin

package resume

import "syscall"

// changed tells nothing here: files are reread instead.
func changed(*syscall.Stat_t) int64 { return 0 }
