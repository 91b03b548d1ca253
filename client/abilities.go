package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// abilities is what a server announces (tus 1.0.0, OPTIONS).
type abilities struct {
	extensions []string // e.g. "creation-with-upload"
	algorithms []string // for Upload-Checksum, e.g. "sha1"
}

func (a abilities) has(extension string) bool { return slices.Contains(a.extensions, extension) }

// discovery asks for the abilities of a server once, however many uploads want
// to know them at the same time.
type discovery struct {
	mu      sync.Mutex
	known   bool
	all     abilities
	err     error         // of the last answer
	running chan struct{} // closed when the question is answered; nil while nobody asks
}

// abilities tells what the server can do; one that refuses to tell can do
// nothing more than it must. The error is that of a way that failed, and the next
// call asks again.
func (c *Client) abilities(ctx context.Context) (abilities, error) {
	d := &c.discovery
	d.mu.Lock()
	if d.known {
		defer d.mu.Unlock()
		return d.all, nil
	}
	if running := d.running; running != nil {
		d.mu.Unlock()
		select {
		case <-running:
		case <-ctx.Done():
			return abilities{}, ctx.Err()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.all, d.err
	}
	running := make(chan struct{})
	d.running = running
	d.mu.Unlock()
	header, err := c.options(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	var refused *ResponseError
	if errors.As(err, &refused) && !refused.retry {
		err = nil
	}
	d.known, d.err = err == nil, err
	d.all, d.running = readAbilities(header), nil
	close(running)
	return d.all, err
}

func (c *Client) options(ctx context.Context) (http.Header, error) {
	header, err := c.ask(ctx, http.MethodOptions, c.endpoint, nil, http.StatusOK, http.StatusNoContent)
	if err != nil {
		return http.Header{}, err
	}
	return header, nil
}

func readAbilities(header http.Header) abilities {
	return abilities{
		extensions: readList(header.Values("Tus-Extension")),
		algorithms: readList(header.Values("Tus-Checksum-Algorithm")),
	}
}

func readList(values []string) (list []string) {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
