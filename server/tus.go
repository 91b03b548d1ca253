package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// newTus returns tusd's handler over our store, without its prefix.
func newTus(cfg Config, store *filestore.Store, locker handler.Locker) (http.Handler, error) {
	composer := handler.NewStoreComposer()
	composer.UseCore(store)
	composer.UseTerminater(store)
	composer.UseLengthDeferrer(store)
	composer.UseConcater(store) // for partial uploads; final ones do not get here
	composer.UseLocker(locker)
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer:   composer,
		BasePath:        cfg.BasePath,
		MaxSize:         cfg.MaxSize,
		DisableDownload: true,
		Cors:            &handler.CorsConfig{Disable: true},
		Logger:          tusLogger(cfg.Log),
	})
	if err != nil {
		return nil, fmt.Errorf("tus handler: %w", err)
	}
	return http.StripPrefix(strings.TrimSuffix(cfg.BasePath, "/"), tus), nil
}
