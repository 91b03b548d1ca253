package server

import (
	"context"
	"errors"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/expiry"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// OverdueUpload is an unfinished upload whose time is up.
type OverdueUpload struct {
	ID      string
	Held    int64     // how many bytes of the disk go with it
	Expired time.Time // when its time was up
}

// Overdue returns the uploads that [Sweep] would remove, those whose time was up
// first first, and changes nothing. Its errors are those of Sweep.
func Overdue(cfg Config) (list []OverdueUpload, err error) {
	err = inDataDir(cfg, func(dir *datadir.Dir, cfg Config) error {
		found, err := filestore.ListOverdue(dir, cfg.store())
		for _, o := range found {
			list = append(list, OverdueUpload(o))
		}
		return err
	})
	return list, err
}

// Sweep removes the unfinished uploads whose time is up from a data directory in
// which no server works; a server that does sweeps by itself. It finishes first
// what a crash interrupted, as a server does, and ends early when ctx does. It
// returns how many uploads it has removed and how many bytes they held, also with
// an error: [ErrDataDirInUse], [ErrNoDataDir], or one that names each upload that
// could not be removed.
func Sweep(ctx context.Context, cfg Config) (removed int, freed int64, err error) {
	err = inDataDir(cfg, func(dir *datadir.Dir, cfg Config) error {
		store, err := filestore.New(dir, cfg.store())
		if err != nil {
			return err
		}
		sweeper := expiry.Sweeper{Store: store, Locker: new(takeover.Locker), Log: cfg.Log}
		result, err := sweeper.Sweep(ctx)
		removed, freed = result.Removed, result.Freed
		return err
	})
	return removed, freed, err
}

// inDataDir calls do with the data directory and a whole configuration.
func inDataDir(cfg Config, do func(*datadir.Dir, Config) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	dir, err := datadir.OpenExisting(cfg.DataDir)
	if err != nil {
		return err
	}
	return errors.Join(do(dir, cfg), dir.Close())
}
