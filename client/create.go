package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// smallMost is the size of a body, in bytes, up to which it goes along with the
// creation. That saves a round trip; but if the answer is lost, nobody knows the
// upload's address, and the bytes are sent again.
const smallMost = 64 << 10

// creation is what a new upload is to be.
type creation struct {
	length   int64  // -1 leaves it open
	metadata string // may be empty
	concat   string // Upload-Concat; empty for an upload that is whole and made of none
	sha256   bool   // the server shall take the SHA-256 of it
}

func (n creation) header() http.Header {
	header := http.Header{}
	if n.concat != "" {
		header.Set("Upload-Concat", n.concat)
	}
	if strings.HasPrefix(n.concat, "final;") {
		// The length is that of the parts, and must not be told.
	} else if n.length >= 0 {
		header.Set("Upload-Length", strconv.FormatInt(n.length, 10))
	} else {
		header.Set("Upload-Defer-Length", "1")
	}
	if n.sha256 {
		header.Set("Want-Repr-Digest", "sha-256=1") // RFC 9530, section 4
	}
	if n.metadata != "" {
		header.Set("Upload-Metadata", n.metadata)
	}
	return header
}

// create makes a new upload (tus 1.0.0, Creation) and returns its address. The
// errors name what stands in the way: *NotTusError, *UnsupportedError, or a
// *ResponseError.
func (c *Client) create(ctx context.Context, n creation) (*url.URL, error) {
	header, err := c.ask(ctx, http.MethodPost, c.endpoint, n.header(), http.StatusCreated)
	return c.created(ctx, n, header, err)
}

// createSmall makes a new upload that holds the source already (tus 1.0.0,
// Creation With Upload), and returns its address and what the server took.
func (p *push) createSmall(ctx context.Context, n creation) (*url.URL, remote, error) {
	b := p.body(0, p.size, new(trail.Trail))
	header := n.header()
	header.Set("Content-Type", contentType)
	answer, err := p.exchange(ctx, b, http.MethodPost, p.c.endpoint, header, http.StatusCreated)
	read, failure := b.halt()
	if failure != nil {
		return nil, remote{}, failure
	}
	u, err := p.c.created(ctx, n, answer, err)
	if err != nil {
		return nil, remote{}, err
	}
	r, err := readRemote(answer)
	if err != nil || r.offset > p.size {
		return u, remote{}, nil // what it took shows with the next request
	}
	p.trail = read
	return u, r, nil
}

// created reads the answer to a creation.
func (c *Client) created(ctx context.Context, n creation, header http.Header, err error) (*url.URL, error) {
	var answer *ResponseError
	if errors.As(err, &answer) {
		return nil, c.explain(ctx, answer, header, n.length)
	}
	if err != nil {
		return nil, err
	}
	return c.locate(header.Get("Location"))
}

// locate resolves the Location of a new upload. Data that was meant for TLS does
// not go out without.
func (c *Client) locate(location string) (*url.URL, error) {
	reference, err := url.Parse(location)
	if err != nil || location == "" {
		return nil, fmt.Errorf("the server created an upload but told no usable location (%q)", location)
	}
	u := c.endpoint.ResolveReference(reference)
	u.User, u.Fragment = nil, ""
	if u.Scheme != c.endpoint.Scheme && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the server answers over %s but places the upload at %s", c.endpoint.Scheme, u)
	}
	return u, nil
}

// explain finds out more about a refused creation.
func (c *Client) explain(ctx context.Context, answer *ResponseError, header http.Header, length int64) error {
	switch {
	case answer.retry:
		return answer
	case answer.Status == http.StatusRequestEntityTooLarge:
		told, _ := c.options(ctx)
		answer.MaxSize, _ = strconv.ParseInt(told.Get("Tus-Max-Size"), 10, 64)
		return answer
	case header.Get("Tus-Resumable") == "" && !guarded(answer.Status):
		return c.notTus(answer, header)
	case length < 0 && answer.Status < 500:
		if able, err := c.abilities(ctx); err == nil && !able.has("creation-defer-length") {
			return &UnsupportedError{"creation-defer-length"}
		}
	}
	return answer
}

// guarded tells statuses that say who may enter, not what is inside.
func guarded(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusInsufficientStorage:
		return true
	}
	return false
}

func (c *Client) notTus(answer *ResponseError, header http.Header) error {
	e := &NotTusError{URL: answer.URL, Status: answer.Status, ContentType: header.Get("Content-Type")}
	if location := header.Get("Location"); location != "" && answer.Status/100 == 3 {
		if u, err := c.endpoint.Parse(location); err == nil {
			e.Location = u.Redacted()
		}
	}
	return e
}
