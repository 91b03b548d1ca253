package server

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/longhaul-io/longhaul/server/internal/concat"
	"github.com/longhaul-io/longhaul/server/internal/download"
	"github.com/longhaul-io/longhaul/server/internal/edge"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/health"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
	"github.com/longhaul-io/longhaul/web"
)

// routes is the whole URL space.
func routes(cfg Config, store *filestore.Store, locker *takeover.Locker, tus http.Handler) http.Handler {
	r := chi.NewRouter()
	r.Use(
		edge.RequestID,
		edge.Forwarded(cfg.TrustedProxies),
		protocol.CORS(cfg.CORSOrigins).Middleware,
		protocol.Answer(cfg.BasePath),
		protocol.Override,
		protocol.AccessLog(cfg.Log),
		protocol.Recover(cfg.Log),
		protocol.Authorize(cfg.Authorize),
	)
	r.Get(health.LivePath, health.Live)
	r.Get(health.ReadyPath, health.Ready(store.Trouble))
	r.Route(strings.TrimSuffix(cfg.BasePath, "/"), func(r chi.Router) {
		r.Use(
			takeover.Middleware,
			protocol.NoDraft,
			protocol.Announce("expiration,checksum,checksum-trailer,concatenation-unfinished"),
			protocol.Describe(download.Describe(store)),
			protocol.Strict(cfg.BasePath, store),
			protocol.Limit(cfg.MaxSize),
			protocol.Checksum,
			protocol.Digests,
			protocol.Creation(cfg.BasePath, cfg.PublicURL, remover(store, locker), cfg.Log),
		)
		r.Post("/", concat.Handler(store, locker, cfg.BasePath, cfg.PublicURL, tus).ServeHTTP)
		r.Get("/{id}", download.Handler(store, locker, cfg.NetworkTimeout).ServeHTTP)
		r.Mount("/", tus)
	})
	r.Mount("/", web.Handler(cfg.BasePath))
	return r
}
