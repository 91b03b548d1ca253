package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// newRequest builds a request; body may be nil.
func (c *Client) newRequest(ctx context.Context, method string, u *url.URL, body io.Reader) (*http.Request, error) {
	override := c.config.OverridePatchMethod && (method == http.MethodPatch || method == http.MethodDelete)
	verb := method
	if override {
		verb = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, verb, u.String(), body)
	if err != nil {
		return nil, err
	}
	if override {
		req.Header.Set("X-HTTP-Method-Override", method)
	}
	return req, nil
}

// do sends req. Only the endpoint's own origin sees Config.Header and a token.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, c.endpoint) {
		return c.bare.Do(req)
	}
	if c.config.Token != nil {
		token, err := c.config.Token(req.Context())
		if err != nil {
			return nil, fmt.Errorf("get a token: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return c.tus.Do(req)
}

// ask sends a request without a body, waits for the answer at most
// Config.StallTimeout, and returns its header. A status that is not among
// accepted is a *ResponseError.
func (c *Client) ask(ctx context.Context, method string, u *url.URL, header http.Header, accepted ...int) (http.Header, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.config.StallTimeout, ErrStalled)
	defer cancel()
	req, err := c.newRequest(limited, method, u, nil)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, header)
	res, err := c.do(req)
	if err != nil {
		return nil, networkError(limited, err)
	}
	defer discard(res)
	if !slices.Contains(accepted, res.StatusCode) {
		return res.Header, readError(res)
	}
	return res.Header, nil
}

// networkError puts in the reason that ctx was given for ending, which net/http
// does not always pass on.
func networkError(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (%w)", cause, err)
}

// head asks how much of the upload at u the server holds (tus 1.0.0, HEAD).
func (c *Client) head(ctx context.Context, u *url.URL) (remote, error) {
	header, err := c.ask(ctx, http.MethodHead, u, nil, http.StatusOK, http.StatusNoContent)
	if err != nil {
		return remote{}, err
	}
	return readRemote(header)
}

// declareLength closes an open upload at size bytes, all of which the server
// must hold (tus 1.0.0, Upload-Defer-Length).
func (c *Client) declareLength(ctx context.Context, u *url.URL, size int64) (remote, error) {
	header := offsetHeader(size)
	header.Set("Upload-Length", strconv.FormatInt(size, 10))
	answer, err := c.ask(ctx, http.MethodPatch, u, header, http.StatusOK, http.StatusNoContent)
	if err != nil {
		return remote{}, err
	}
	return readRemote(answer)
}

// terminate deletes the upload at u (tus 1.0.0, Termination).
func (c *Client) terminate(ctx context.Context, u *url.URL) error {
	_, err := c.ask(ctx, http.MethodDelete, u, nil, http.StatusOK, http.StatusNoContent, http.StatusNotFound, http.StatusGone)
	return err
}

// contentType is that of all bodies (tus 1.0.0).
const contentType = "application/offset+octet-stream"

func offsetHeader(offset int64) http.Header {
	return http.Header{
		"Content-Type":  {contentType},
		"Upload-Offset": {strconv.FormatInt(offset, 10)},
	}
}
