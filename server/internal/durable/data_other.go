//go:build !linux

package durable

// SyncData is F_FULLFSYNC on macOS, which reaches the platter where fsync alone
// would not.
func (f osFile) SyncData() error { return f.Sync() }

func (osFile) StartWriteback(int64, int64) error { return nil }
