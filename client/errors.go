package client

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

var (
	// ErrSourceChanged is what errors.Is finds in a SourceChangedError.
	ErrSourceChanged = errors.New("source changed")
	// ErrLeftOpen says that the upload was left open by Options.Append, and that
	// the call has neither Append nor Finish. Nothing was sent.
	ErrLeftOpen = errors.New("the upload was left open for more")
	// ErrLengthFixed says that Options.Append meets an unfinished upload whose
	// length was declared when it was created. Nothing was sent.
	ErrLengthFixed = errors.New("the upload has a fixed length")
	// ErrDigestMismatch says that the server stored other bytes than were sent.
	// The resume record is gone: the next Upload begins anew.
	ErrDigestMismatch = errors.New("the server's digest differs from what was sent")
	// ErrStalled says that no byte moved for Config.StallTimeout.
	ErrStalled = errors.New("no byte moved")
	// ErrRecords says that resume records cannot be kept in Config.StateDir; the
	// error of the file system is beside it.
	ErrRecords = errors.New("resume records cannot be kept")
	// ErrCannotRepeat says that the server no longer has what it acknowledged of a
	// Reader, of which only what it had not acknowledged was kept.
	ErrCannotRepeat = errors.New("the source cannot be read again")
	// ErrNoSize says that a File has content, though its size is 0, as in /proc: how
	// much there is shows only at its end. Reader sends such.
	ErrNoSize = errors.New("the file has content, but no size")
	// ErrBusy says that another Upload of this file to this endpoint is running,
	// in this process or another one.
	ErrBusy = resume.ErrBusy
)

// A SourceChangedError says that the source is not what it was: the bytes that
// the server holds are no prefix of it, or it changed while it was being sent.
// Nothing is sent after it was noticed.
type SourceChangedError struct {
	Path   string
	Reason string // e.g. "it shrank from 10 to 5 bytes"
}

func (e *SourceChangedError) Error() string {
	return fmt.Sprintf("%s changed: %s", e.Path, e.Reason)
}

// Unwrap returns ErrSourceChanged.
func (e *SourceChangedError) Unwrap() error { return ErrSourceChanged }

// A ResponseError is an answer of the server that ends a request without
// success. errors.As finds a tus.ClientError in it, and errors.Is
// tus.ErrUploadNotFound (404 and 410 of an upload; 403 to HEAD),
// tus.ErrOffsetMismatch (409), tus.ErrVersionMismatch (412) and
// tus.ErrLargeUpload (413).
type ResponseError struct {
	Method     string
	URL        string
	Status     int
	Code       string        // e.g. "ERR_UPLOAD_INTERRUPTED"; empty if the server told none
	Message    string        // one line, at most 200 bytes; may be empty
	RequestID  string        // X-Request-Id, by which who runs the server finds it in the log; may be empty
	RetryAfter time.Duration // 0 if the server asked for no pause
	MaxSize    int64         // Tus-Max-Size in bytes, told with 413; 0 if unknown

	body    []byte
	retry   bool
	fromTus bool // it has the mark of a tus server, not of something on the way
	reason  error
}

func (e *ResponseError) Error() string {
	text := fmt.Sprintf("%s %s: the server answered %d", e.Method, e.URL, e.Status)
	if name := http.StatusText(e.Status); name != "" {
		text += " " + name
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap returns the go-tus errors that e stands for.
func (e *ResponseError) Unwrap() []error {
	all := []error{tus.ClientError{Code: e.Status, Body: e.body}}
	if e.reason != nil {
		all = append(all, e.reason)
	}
	return all
}

// A NotTusError says that what answers at the endpoint is no tus server.
type NotTusError struct {
	URL         string
	Status      int
	ContentType string // may be empty
	Location    string // where a redirect points, absolute; else empty
}

func (e *NotTusError) Error() string {
	kind := e.ContentType
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Sprintf("%s is no tus server: it answered %d %s (%s)",
		e.URL, e.Status, http.StatusText(e.Status), kind)
}

// An UnsupportedError says that the server lacks an extension that the call
// needs. Nothing was created.
type UnsupportedError struct {
	Extension string // e.g. "creation-defer-length"
}

func (e *UnsupportedError) Error() string {
	return "the server does not support " + e.Extension
}

// A TemporaryError says that Upload gave up for now: the same call made later
// continues where this one stopped. Unwrap tells why.
type TemporaryError struct {
	Err     error
	Waited  time.Duration // without any progress
	Contact bool          // the server has answered at least once, in this call or an earlier one
}

func (e *TemporaryError) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong last.
func (e *TemporaryError) Unwrap() error { return e.Err }
