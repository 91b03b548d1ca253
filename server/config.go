package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/edge"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// Config says what a [Server] does. The zero value of every field but DataDir
// is useful.
type Config struct {
	// DataDir is the directory for everything that the server keeps. It is
	// created if it does not exist. Required.
	DataDir string
	// BasePath is the URL path under which uploads live, for example "/files/".
	// It begins and ends with a slash. Empty means "/files/".
	BasePath string
	// PublicURL is where others reach the server, without BasePath and without a
	// slash at its end, for example "https://files.example". Locations of new
	// uploads then begin with it. Empty means that they are relative, as
	// "/files/…", which is right as long as no proxy changes the path.
	PublicURL string
	// MaxSize is the size of the largest upload taken, in bytes. 0 means that
	// only the disk limits it.
	MaxSize int64
	// MinFree is how many bytes of the disk uploads leave free: a creation is
	// refused that would need them, and [Server.Handler]'s /readyz is red while
	// they are not there. 0 means 1 GiB or a twentieth of the disk, whichever is
	// less; negative means none.
	MinFree int64
	// ExpireAfter is how long an unfinished upload is kept after its last byte.
	// 0 means for ever. Finished files never expire.
	ExpireAfter time.Duration
	// Publish is "on" or "off"; empty means "on". Off means that the files of
	// uploads that are finished from now on are called by their ids, not by the
	// names and paths that their uploaders chose.
	Publish string
	// Durability is "on" or "off"; empty means "on". Off means that nothing is
	// synced: a power cut may take back, or tear, whatever was acknowledged in the
	// last minutes, and the first promise of this package does not hold. A crash
	// of the process alone still loses nothing.
	Durability string
	// Digest is the digest that is computed of every upload, besides CRC-32C: "none",
	// or "sha-256". Empty means "none". An uploader who asks for the SHA-256 of his
	// upload gets it in either case.
	Digest string
	// Authorize says whether a request for an upload, or to create one, may be done;
	// nil means that all may. It returns nil, [ErrUnauthenticated] for 401,
	// [ErrForbidden] for 403, or another error for 500, whose words go to the log
	// only; all may be wrapped. The 401 asks for a token (WWW-Authenticate: Bearer).
	//
	// It is asked about every request at or below BasePath but the preflights of
	// CORSOrigins, before anything is looked up, from many goroutines at once. The
	// method of what it is asked about is the one that counts
	// (X-HTTP-Method-Override), the last element of the path the id of the upload, if
	// there is one, the rest as the client sent it, checked by nobody. It gets no
	// body. A POST whose Upload-Concat begins with "final" takes the uploads that it
	// names there.
	//
	// The page, /livez and /readyz are for everybody.
	Authorize func(*http.Request) error
	// CORSOrigins are the origins whose pages may use the server from a browser,
	// each as a browser sends it, for example "https://app.example". None means
	// only the server's own page.
	CORSOrigins []string
	// TrustedProxies are the addresses of proxies whose word counts in Forwarded
	// and X-Forwarded-For and -Host: where a request comes from, and for which host.
	// Where both are there only what they agree on counts: most proxies write one
	// kind and pass on what clients have made up in the other.
	TrustedProxies []netip.Prefix
	// TLSCert and TLSKey are the PEM files of a certificate, with its chain, and of
	// its key. They are read again when they change. Both empty means no TLS.
	TLSCert, TLSKey string
	// H2C says that Serve takes HTTP/2 also without TLS, as proxies speak it.
	H2C bool
	// MaxConnections is how many connections Serve has open at a time; more wait.
	// 0 means any number.
	MaxConnections int
	// NetworkTimeout is how long a client may send nothing in the middle of a body,
	// or take nothing of a file, until its request ends; what came is kept. 0 means
	// a minute. Taking may stop 30 times as long on one stream of HTTP/2, and where
	// only the kernel of Linux would tell.
	NetworkTimeout time.Duration
	// Log receives what the server has to say. nil means slog.Default().
	Log *slog.Logger
}

// withDefaults returns c with its zero values replaced.
func (c Config) withDefaults() Config {
	if c.BasePath == "" {
		c.BasePath = "/files/"
	}
	if c.Publish == "" {
		c.Publish = "on"
	}
	if c.Durability == "" {
		c.Durability = "on"
	}
	if c.Digest == "" {
		c.Digest = "none"
	}
	if c.NetworkTimeout == 0 {
		c.NetworkTimeout = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Log = slog.New(edge.LogRequestID(c.Log.Handler()))
	return c
}

// store returns what of c is the store's. c has its defaults.
func (c Config) store() filestore.Config {
	return filestore.Config{
		MaxSize:     c.MaxSize,
		ExpireAfter: c.ExpireAfter,
		MinFree:     c.MinFree,
		IDsOnly:     c.Publish == "off",
		SHA256:      c.Digest == digest.SHA256,
		Log:         c.Log,
	}
}

// Validate reports everything that is wrong with c, joined into one error.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	if c.DataDir == "" {
		errs = append(errs, errors.New("the data directory has no name"))
	}
	if err := validateBasePath(c.BasePath); err != nil {
		errs = append(errs, err)
	}
	if err := validatePublicURL(c.PublicURL); err != nil {
		errs = append(errs, err)
	}
	if c.MaxSize < 0 {
		errs = append(errs, fmt.Errorf("the maximum size is negative: %d", c.MaxSize))
	}
	for _, origin := range c.CORSOrigins {
		if !edge.ValidOrigin(origin) {
			errs = append(errs, fmt.Errorf("the origin is not written as browsers do, https://app.example: %q", origin))
		}
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		errs = append(errs, errors.New("TLS needs both a certificate and its key"))
	}
	if c.MaxConnections < 0 {
		errs = append(errs, fmt.Errorf("the maximum number of connections is negative: %d", c.MaxConnections))
	}
	if c.NetworkTimeout < 0 {
		errs = append(errs, fmt.Errorf("the network timeout is negative: %s", c.NetworkTimeout))
	}
	if c.ExpireAfter < 0 {
		errs = append(errs, fmt.Errorf("the time to expire is negative: %s", c.ExpireAfter))
	}
	if c.Publish != "on" && c.Publish != "off" {
		errs = append(errs, fmt.Errorf("publish is neither on nor off: %q", c.Publish))
	}
	if c.Durability != "on" && c.Durability != "off" {
		errs = append(errs, fmt.Errorf("durability is neither on nor off: %q", c.Durability))
	}
	if c.Digest != "none" && c.Digest != digest.SHA256 {
		errs = append(errs, fmt.Errorf("digest is neither none nor %s: %q", digest.SHA256, c.Digest))
	}
	return errors.Join(errs...)
}

// validateBasePath allows only paths that mean the same to a router, a proxy
// and a client, and that leave "/" to the page.
func validateBasePath(base string) error {
	switch {
	case !strings.HasPrefix(base, "/"), !strings.HasSuffix(base, "/"):
		return fmt.Errorf("the base path does not begin and end with a slash: %q", base)
	case slices.Contains([]string{"/livez/", "/readyz/", "/assets/"}, base):
		return fmt.Errorf("the base path is one that the server uses itself: %q", base)
	case strings.Trim(base, "/") == "":
		return errors.New(`the base path is "/", which is where the page is`)
	case base != path.Clean(base)+"/":
		return fmt.Errorf("the base path is not in its shortest form: %q", base)
	case base != (&url.URL{Path: base}).EscapedPath(), strings.ContainsAny(base, "{}*"):
		return fmt.Errorf("the base path has characters that a URL path cannot have: %q", base)
	}
	return nil
}

// validatePublicURL allows what a Location may begin with.
func validatePublicURL(public string) error {
	u, err := url.Parse(public)
	switch {
	case public == "":
		return nil
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("the public URL is not one of http or https: %q", public)
	case strings.HasSuffix(public, "/"):
		return fmt.Errorf("the public URL ends with a slash: %q", public)
	}
	return nil
}
