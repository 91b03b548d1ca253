package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	firstPause   = 250 * time.Millisecond
	longestPause = 30 * time.Second
	// firstTries is how often a server is called that nobody is known to have
	// reached before, when nothing listens there: the address is likely wrong. So
	// often, too, is a download tried of which the server fails to give anything.
	firstTries = 3
)

// retry is the only place that waits. Its budget starts anew with each progress.
type retry struct {
	patience time.Duration
	contact  bool // the server is known to exist
	doubtful bool // nobody waits for it if it is broken: it never gave what is wanted of it
	notify   func(wait time.Duration, err error)

	failures int
	since    time.Time // of the first failure
}

// progress says that the server's offset moved.
func (r *retry) progress() { r.failures, r.since = 0, time.Time{} }

// wait returns nil after a pause if what failed with cause is worth another
// attempt. Otherwise it returns why not: cause, a *TemporaryError around it, or
// the error of ctx.
func (r *retry) wait(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !retriable(cause) {
		return cause
	}
	if statusOf(cause) != 0 {
		r.contact = true
	}
	if r.failures == 0 {
		r.since = time.Now()
	}
	r.failures++
	pause := pauseFor(r.failures, cause)
	waited := time.Since(r.since)
	enough := r.failures >= firstTries
	if enough && r.doubtful && broken(cause) {
		return cause
	}
	if enough && !r.contact && nobodyThere(cause) || waited+pause > r.patience {
		return &TemporaryError{Err: cause, Waited: waited, Contact: r.contact}
	}
	r.notify(pause, cause)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// pauseFor is what the server asked for, else full jitter: anything up to twice
// the bound of the time before.
func pauseFor(failures int, cause error) time.Duration {
	var answer *ResponseError
	if errors.As(cause, &answer) && answer.RetryAfter > 0 {
		return answer.RetryAfter
	}
	bound := longestPause
	if doublings := failures - 1; doublings < 7 {
		bound = min(bound, firstPause<<doublings)
	}
	return rand.N(bound)
}

// retriable tells failures of the way from failures of the matter.
func retriable(err error) bool {
	var answer *ResponseError
	if errors.As(err, &answer) {
		return answer.retry
	}
	var odd answerError
	if errors.As(err, &odd) || errors.Is(err, ErrStalled) {
		return true
	}
	var network *url.Error // what net/http wraps all its failures in
	return errors.As(err, &network) && !permanent(err)
}

// permanent tells failures of a connection that no repetition mends.
func permanent(err error) bool {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var path *fs.PathError
	if alert := (*net.OpError)(nil); errors.As(err, &alert) && alert.Op == "remote error" {
		return true // of TLS: the server wants another certificate, or other ciphers
	}
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &record) ||
		errors.As(err, &path) || errors.Is(err, context.Canceled)
}

// nobodyThere tells that nothing listens at an address, that there is no such
// address, or that what listens does not speak HTTP.
func nobodyThere(err error) bool {
	var name *net.DNSError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &name) && name.IsNotFound ||
		strings.Contains(err.Error(), "malformed HTTP") // net/http has no type for it
}

// broken tells answers of a server that has failed from those of one that is away
// or has too much to do.
func broken(err error) bool {
	switch status := statusOf(err); status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	default:
		return status >= 500
	}
}

// worthRetrying tells answers that may differ next time from those that will not.
func worthRetrying(e *ResponseError) bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly,
		http.StatusTooManyRequests, 460: // checksum mismatch, tus
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusInsufficientStorage:
		return false
	case http.StatusBadRequest:
		return e.Code == "ERR_UPLOAD_INTERRUPTED" || e.Code == "ERR_UNEXPECTED_EOF"
	}
	return e.Status >= 500
}
