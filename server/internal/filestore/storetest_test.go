package filestore

import (
	"context"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"

	"github.com/longhaul-io/longhaul/server/internal/durable"
	"github.com/longhaul-io/longhaul/server/internal/storetest"
)

// What any store must do, with a restart of this one between any two steps, for
// each way that bytes take to the disk.
func TestStore(t *testing.T) {
	for _, tt := range []struct {
		name   string
		buffer int
		disk   func(durable.FS) durable.FS
	}{
		{"waiting trickles", waitingSize, func(below durable.FS) durable.FS { return below }},
		{"trickles", bufferSize, func(below durable.FS) durable.FS { return below }},
		{"pipelines", durable.BlockSize, func(below durable.FS) durable.FS { return below }},
		{"pipelines through the page cache", durable.BlockSize, func(below durable.FS) durable.FS { return cachedFS{below} }},
	} {
		t.Run(tt.name, func(t *testing.T) { testStore(t, tt.buffer, tt.disk) })
	}
}

// cachedFS has no way around the page cache.
type cachedFS struct{ durable.FS }

func (c cachedFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if flag&os.O_WRONLY != 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EINVAL}
	}
	return c.FS.OpenFile(name, flag, perm)
}

func testStore(t *testing.T, buffer int, disk func(durable.FS) durable.FS) {
	paths := make(map[handler.DataStore]string)
	stops := make(map[handler.DataStore]func())
	open := func(t *testing.T, path string) *handler.StoreComposer {
		s, stop := openStore(t, path, Config{})
		s.root = s.root.Through(disk).Unsynced() // the suite cuts no power
		paths[s], stops[s] = path, foldMeanwhile(t, s, stop)
		composer := handler.NewStoreComposer()
		composer.UseCore(s)
		composer.UseTerminater(s)
		composer.UseLengthDeferrer(s)
		composer.UseConcater(s)
		composer.UseLocker(memorylocker.New())
		return composer
	}
	storetest.Suite{
		Buffer: buffer,
		Open:   func(t *testing.T) *handler.StoreComposer { return open(t, t.TempDir()) },
		Reopen: func(t *testing.T, old *handler.StoreComposer) *handler.StoreComposer {
			stops[old.Core]()
			return open(t, paths[old.Core])
		},
	}.Run(t)
}

// foldMeanwhile has s fold until the test ends or the returned function is called, which
// then calls stop.
func foldMeanwhile(t *testing.T, s *Store, stop func()) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Fold(ctx) })
	end := func() {
		cancel()
		running.Wait()
		stop()
	}
	t.Cleanup(end)
	return end
}
