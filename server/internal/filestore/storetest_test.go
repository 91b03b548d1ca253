package filestore

import (
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"

	"github.com/longhaul-io/longhaul/server/internal/storetest"
)

// What any store must do, with a restart of this one between any two steps.
func TestStore(t *testing.T) {
	paths := make(map[handler.DataStore]string)
	stops := make(map[handler.DataStore]func())
	open := func(t *testing.T, path string) *handler.StoreComposer {
		s, stop := openStore(t, path, Config{})
		paths[s], stops[s] = path, stop
		composer := handler.NewStoreComposer()
		composer.UseCore(s)
		composer.UseTerminater(s)
		composer.UseLengthDeferrer(s)
		composer.UseLocker(memorylocker.New())
		return composer
	}
	storetest.Suite{
		Buffer: bufferSize,
		Open:   func(t *testing.T) *handler.StoreComposer { return open(t, t.TempDir()) },
		Reopen: func(t *testing.T, old *handler.StoreComposer) *handler.StoreComposer {
			stops[old.Core]()
			return open(t, paths[old.Core])
		},
	}.Run(t)
}
