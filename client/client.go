package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
	tus "github.com/eventials/go-tus"
)

// Config says how a Client behaves. The zero value is good for most uses. The
// fields that go-tus has too bear its names.
type Config struct {
	// ChunkSize is the most bytes that one request carries. 0 sends the whole
	// rest in one request, which is fastest. Where something on the way refuses
	// large requests, smaller ones are sent all the same, and for a week the
	// endpoint is known for it.
	ChunkSize int64
	// Checksum makes each request carry a checksum of its body, so that damage on
	// the way is noticed before it is stored (tus 1.0.0, Checksum): the name of an
	// algorithm, e.g. "sha1", or AnyChecksum. A request then carries at most
	// 16 MiB, or ChunkSize. A server without it is an UnsupportedError. Empty
	// means none: a server that tells digests shows damage afterwards.
	Checksum string
	// OverridePatchMethod sends POST with X-HTTP-Method-Override in place of
	// PATCH and DELETE, for proxies that let nothing else through.
	OverridePatchMethod bool
	// MaxRate is how many bytes a second all uploads and downloads of the client may
	// move together. 0 means no limit.
	MaxRate int64
	// NoDigest sends files without taking their sum. Without TLS the kernel then
	// copies them (on Linux by sendfile), for a fraction of the CPU time. In
	// return Result.Verified stays false, since nothing is compared at the end; a
	// file that changes while it is sent is known by its size and time alone, and
	// before a later call goes on with it, by the first and last 64 KiB of what was
	// sent; and of a file that something happened to between two calls all is read
	// before the second one goes on, or, at a server that tells no digest, it is a
	// SourceChangedError. Other sources, and requests with a Checksum, are sent as
	// ever.
	NoDigest bool
	// SHA256 compares at the end, beside the CRC-32C, the SHA-256 of the whole with
	// the one that the server tells (Upload-Digest, or Repr-Digest of RFC 9530), for
	// which a creation asks by Want-Repr-Digest. It is taken of the bytes on their
	// way, for half a second of CPU time per GiB; what the server held before Upload
	// was called is read again, and so is what goes in parts. Where the server tells
	// none (longhauld: of joined parts, and of what was created without the wish) that
	// is a Notice, and Result.SHA256 stays nil. It does not go with NoDigest.
	SHA256 bool
	// Header goes with every request to the origin (scheme, host and port) of
	// the endpoint, and to no other. New copies it. For credentials that change
	// use Token.
	Header http.Header
	// Token returns what goes as bearer authorization (RFC 6750) with a request
	// to the origin of the endpoint; no other sees it. It is called before each
	// request, from many goroutines at once, so it keeps a token for as long as
	// that is valid. Its errors end the Upload. It wins over Header and over
	// credentials in the endpoint. nil sends no token.
	Token func(context.Context) (string, error)
	// HttpClient sends the requests. New copies it, without its Timeout, which
	// would end long uploads, and without its CheckRedirect: no redirect is
	// followed. nil means a client of our own with proxies from the environment,
	// HTTP/1.1, large writes, and connections that are kept for the next upload.
	HttpClient *http.Client
	// TLS names other authorities than the system's (RootCAs), or certificates of
	// the client's own. New copies it. nil is Go's default. A client given by
	// HttpClient has such settings in its own transport, so New refuses both.
	TLS *tls.Config
	// StateDir is where resume records are kept. Empty means the platform's place
	// for state: $XDG_STATE_HOME/longhaul, on Linux ~/.local/state/longhaul. What
	// was finished is forgotten when 90 days long nobody uploaded it again.
	StateDir string
	// Store keeps the addresses of uploads in place of StateDir, for programs that
	// have one for go-tus; the keys are its own. It is used by one goroutine of the
	// client at a time, and not closed. It knows nothing but addresses: a source
	// that differs from what it was, in size, time or anything else, is a new
	// upload, nothing keeps two processes from the same upload, Options.Append is
	// refused, and parts do not go on after the end of an Upload call.
	Store tus.Store
	// NoRecords keeps no resume records: an upload survives everything but the
	// end of its Upload call. Options.Append needs records.
	NoRecords bool
	// Patience is how long Upload goes on trying without any progress. 0 means
	// 15 minutes; negative means that the first failure is final.
	Patience time.Duration
	// StallTimeout is how long no byte may move before a connection is given up.
	// 0 means 60 seconds. It must outlast a server's wait for its locks. Once all
	// bytes are sent the answer may take ten times as long: a proxy on the way
	// may have taken them before the server does.
	StallTimeout time.Duration
}

const (
	defaultPatience     = 15 * time.Minute
	defaultStallTimeout = time.Minute
)

// Client uploads to one endpoint. It is safe for concurrent use.
type Client struct {
	endpoint *url.URL
	config   Config
	tus      *tus.Client // sends Config.Header and the endpoint's credentials
	bare     *tus.Client // sends neither, to origins other than the endpoint's
	pacer    *pacer
	discovery
	learned
	tidying
	storing sync.Mutex // held while Config.Store is used
	close   func()
}

// New returns a client for the tus server at endpoint, an absolute http or https
// URL, e.g. "https://example.org/files/". User and password in it are sent as
// basic authorization. New contacts nobody.
func New(endpoint string, config Config) (*Client, error) {
	u, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	if config.ChunkSize < 0 || config.StallTimeout < 0 || config.MaxRate < 0 {
		return nil, errors.New("chunk size, stall timeout and rate must not be negative")
	}
	if config.Checksum != "" && !knownChecksum(config.Checksum) {
		return nil, fmt.Errorf("checksum algorithm %q is not known", config.Checksum)
	}
	if config.SHA256 && config.NoDigest {
		return nil, errors.New("SHA256 and NoDigest exclude each other")
	}
	if config.HttpClient != nil && config.TLS != nil {
		return nil, errors.New("TLS settings belong into the transport of the given HTTP client")
	}
	config.StateDir = stateDir(config.StateDir)
	if config.Patience == 0 {
		config.Patience = defaultPatience
	}
	if config.StallTimeout == 0 {
		config.StallTimeout = defaultStallTimeout
	}
	config.Header = headerFor(u, config.Header)
	if config.Token != nil {
		config.Header.Del("Authorization")
	}
	u.User = nil
	c := &Client{endpoint: u, config: config, pacer: newPacer(config.MaxRate)}
	sender := newSender(config.HttpClient, config.TLS)
	c.close = sender.CloseIdleConnections
	if c.tus, err = c.vocabulary(sender, config.Header); err != nil {
		return nil, err
	}
	c.bare, err = c.vocabulary(sender, nil)
	return c, err
}

// stateDir is where resume records are kept; dir is as in Config.StateDir.
func stateDir(dir string) string {
	if dir == "" {
		return filepath.Join(xdg.StateHome, "longhaul")
	}
	return dir
}

func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("endpoint %q is no http or https URL", u.Redacted())
	}
	u.Fragment = ""
	return u, nil
}

// headerFor copies header and puts the credentials of u into it.
func headerFor(u *url.URL, header http.Header) http.Header {
	all := header.Clone()
	if all == nil {
		all = http.Header{}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		req := &http.Request{Header: all}
		req.SetBasicAuth(u.User.Username(), password)
	}
	return all
}

// name is the endpoint's name in the keys of resume records: the same for
// spellings that lead to the same place.
func (c *Client) name() string { return nameOf(*c.endpoint) }

func nameOf(u url.URL) string {
	u.Host = strings.ToLower(u.Host)
	return strings.TrimSuffix(u.String(), "/")
}

func (c *Client) vocabulary(sender *http.Client, header http.Header) (*tus.Client, error) {
	config := tus.DefaultConfig()
	config.ChunkSize = max(1, c.config.ChunkSize)
	config.OverridePatchMethod = c.config.OverridePatchMethod
	config.Header = header
	config.HttpClient = sender
	return tus.NewClient(c.endpoint.String(), config)
}

// Close closes the idle connections. Upload leaves nothing else behind.
func (c *Client) Close() { c.close() }

// Status is what the server tells of an upload.
type Status struct {
	Offset int64 // bytes that it has stored
	Length int64 // of the whole, in bytes; -1 while the upload is open
}

// Status asks the server once, without retries, for the state of the upload at
// address. The error is as of Upload.
func (c *Client) Status(ctx context.Context, address string) (Status, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Status{}, fmt.Errorf("upload: %w", err)
	}
	r, err := c.head(ctx, u)
	return Status{r.offset, r.length}, err
}

// Terminate deletes the upload at address, finished or not (tus 1.0.0,
// Termination), without retries. One that does not exist is no error. The resume
// record stays: the next Upload of its source finds out and begins anew. The
// error is as of Upload.
func (c *Client) Terminate(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return c.terminate(ctx, u)
}
