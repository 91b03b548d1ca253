package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// create makes a new upload (tus 1.0.0, Creation) and returns its address. A
// negative length is left open. The errors name what stands in the way:
// *NotTusError, *UnsupportedError, or a *ResponseError.
func (c *Client) create(ctx context.Context, length int64, metadata string) (*url.URL, error) {
	request := http.Header{}
	if length >= 0 {
		request.Set("Upload-Length", strconv.FormatInt(length, 10))
	} else {
		request.Set("Upload-Defer-Length", "1")
	}
	if metadata != "" {
		request.Set("Upload-Metadata", metadata)
	}
	header, err := c.ask(ctx, http.MethodPost, c.endpoint, request, http.StatusCreated)
	var answer *ResponseError
	if errors.As(err, &answer) {
		return nil, c.explain(ctx, answer, header, length)
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
		answer.MaxSize, _ = strconv.ParseInt(c.options(ctx).Get("Tus-Max-Size"), 10, 64)
		return answer
	case header.Get("Tus-Resumable") == "" && !guarded(answer.Status):
		return c.notTus(answer, header)
	case length < 0 && answer.Status < 500 && !supports(c.options(ctx), "creation-defer-length"):
		return &UnsupportedError{"creation-defer-length"}
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

// options asks what the server can do (tus 1.0.0, OPTIONS). It tells nothing
// rather than fail: the question only serves to explain another error.
func (c *Client) options(ctx context.Context) http.Header {
	header, err := c.ask(ctx, http.MethodOptions, c.endpoint, nil, http.StatusOK, http.StatusNoContent)
	if err != nil {
		return http.Header{}
	}
	return header
}

func supports(header http.Header, extension string) bool {
	list := strings.Split(header.Get("Tus-Extension"), ",")
	return slices.ContainsFunc(list, func(name string) bool { return strings.TrimSpace(name) == extension })
}
