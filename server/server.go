package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/edge"
	"github.com/longhaul-io/longhaul/server/internal/expiry"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// Errors that [New] and [Sweep] return, wrapped with the names of what they are about.
var (
	// ErrDataDirInUse means that another process works in the data directory.
	ErrDataDirInUse = datadir.ErrInUse
	// ErrNoDataDir means that there is no data directory to be swept.
	ErrNoDataDir = datadir.ErrNone
	// ErrNoLinks means that the data directory is on a filesystem without hard
	// links, or on several, so that finished files cannot get their names.
	ErrNoLinks = datadir.ErrNoLinks
	// ErrCertificate means that the certificate or its key cannot be used.
	ErrCertificate = errors.New("TLS certificate")
)

// Errors that [Config.Authorize] returns.
var (
	// ErrUnauthenticated means that the request has no credentials, or wrong ones.
	ErrUnauthenticated error = protocol.ErrUnauthenticated
	// ErrForbidden means that who sent the request may not do what it asks for.
	ErrForbidden error = protocol.ErrForbidden
)

// Server is a Longhaul server. It is safe for concurrent use.
type Server struct {
	cfg     Config
	dir     *datadir.Dir
	store   *filestore.Store
	sweeper *expiry.Sweeper   // nil if nothing expires
	cert    *edge.Certificate // nil without TLS
	handler http.Handler
}

// New opens the data directory, finishes there what a crash interrupted, and
// returns a server for it. Its errors are those of [Config.Validate],
// [ErrDataDirInUse], [ErrNoLinks], [ErrCertificate] and those of the file system.
// Close it, or let [Server.Serve] return, to give the data directory up.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cert, err := loadCertificate(cfg) // before anything is made on the disk
	if err != nil {
		return nil, err
	}
	dir, err := datadir.Open(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	if cfg.Durability == "off" {
		cfg.Log.Warn("durability is off: a power cut may take back what was acknowledged")
		dir.Root = dir.Unsynced()
	}
	s := &Server{cfg: cfg, dir: dir, cert: cert}
	if err := s.build(); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return s, nil
}

func (s *Server) build() error {
	store, err := filestore.New(s.dir, s.cfg.store())
	if err != nil {
		return err
	}
	s.store = store
	locker := new(takeover.Locker)
	if s.cfg.ExpireAfter > 0 {
		s.sweeper = &expiry.Sweeper{Store: store, Locker: locker, Every: expiry.Interval(s.cfg.ExpireAfter), Log: s.cfg.Log}
	}
	tus, err := newTus(s.cfg, store, locker)
	if err != nil {
		return err
	}
	s.handler = routes(s.cfg, store, locker, tus)
	return nil
}

// loadCertificate returns the certificate that cfg names, nil if there is none.
func loadCertificate(cfg Config) (*edge.Certificate, error) {
	if cfg.TLSCert == "" {
		return nil, nil
	}
	cert, err := edge.LoadCertificate(cfg.TLSCert, cfg.TLSKey, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	return cert, nil
}

// Handler returns the whole URL space of the server. Who mounts it elsewhere
// must not wrap the http.ResponseWriter without an Unwrap method, or the
// protection against slow clients is lost, and does not get what Serve adds:
// the folding of concatenated uploads into one file each, the sweeping of expired
// ones and the stopping of running ones.
func (s *Server) Handler() http.Handler { return s.handler }

// DataDir returns the absolute path of the data directory.
func (s *Server) DataDir() string { return s.dir.Path() }

// FilesDir returns the absolute path of the directory of finished files.
func (s *Server) FilesDir() string { return filepath.Join(s.dir.Path(), datadir.Files) }

// Close gives the data directory up. It is not needed after Serve.
func (s *Server) Close() error { return s.dir.Close() }

// Serve answers requests on ln until ctx is done. Then it takes no more
// connections, has running uploads commit what has arrived and returns nil,
// within 10 seconds unless the disk keeps a request longer: the data directory is
// given up only when nobody works in it any more. It closes ln.
func (s *Server) Serve(ctx context.Context, ln net.Listener) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	defer s.work()()

	requests, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	// Each handler holds it for reading: the data directory is given up after the
	// last one has returned, also one whose connection was cut.
	var running sync.RWMutex
	defer running.Lock()
	srv := s.httpServer(requests, &running)
	served := make(chan error, 1)
	go func() { served <- s.listen(srv, ln) }()
	select {
	case err := <-served:
		return errors.Join(err, srv.Close())
	case <-ctx.Done():
	}
	s.cfg.Log.Info("stopping")
	interrupt(takeover.ErrStopping)
	return stop(srv)
}

// work starts what is done beside the requests, and returns what ends it and
// waits for it.
func (s *Server) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.store.Fold(ctx) })
	if s.sweeper != nil {
		running.Go(func() { s.sweeper.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}
