package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// lingering is how long a request whose client has gone may still wait for the lock
// of its upload. For as long, tusd's handler keeps two goroutines for every request
// that has been answered, and all that belongs to it: after 12,800 small uploads in
// ten seconds the server held 170 MB with tusd's default of 10 s, and holds 44 MB.
const lingering = time.Second

// newTus returns tusd's handler over our store, without its prefix.
func newTus(cfg Config, store *filestore.Store, locker handler.Locker) (http.Handler, error) {
	composer := handler.NewStoreComposer()
	composer.UseCore(protocol.Guard(store))
	composer.UseTerminater(store)
	composer.UseLengthDeferrer(store)
	composer.UseConcater(store) // for partial uploads; final ones do not get here
	composer.UseLocker(locker)
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer:                    composer,
		BasePath:                         cfg.BasePath,
		MaxSize:                          cfg.MaxSize,
		NetworkTimeout:                   cfg.NetworkTimeout,
		GracefulRequestCompletionTimeout: lingering,
		DisableDownload:                  true,
		Cors:                             &handler.CorsConfig{Disable: true},
		Logger:                           tusLogger(cfg.Log),
	})
	if err != nil {
		return nil, fmt.Errorf("tus handler: %w", err)
	}
	return http.StripPrefix(strings.TrimSuffix(cfg.BasePath, "/"), tus), nil
}

// remover returns what removes an upload that no request is busy with.
func remover(store *filestore.Store, locker *takeover.Locker) func(context.Context, string) error {
	return func(ctx context.Context, id string) error {
		lock := locker.TryLock(id)
		if lock == nil {
			return handler.ErrFileLocked
		}
		defer func() { _ = lock.Unlock() }()
		upload, err := store.GetUpload(ctx, id)
		if err != nil {
			return err
		}
		return store.AsTerminatableUpload(upload).Terminate(ctx)
	}
}
