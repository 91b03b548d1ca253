package client

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// maxErrorBody bounds what is read of an answer that is no success, in bytes.
const maxErrorBody = 4 << 10

// remote is what an answer tells about an upload.
type remote struct {
	offset int64
	length int64 // -1 while it is not declared
	digest uint32
	told   bool   // digest is the CRC-32C of the first offset bytes
	sha256 []byte // of them; nil if it was not told
}

// complete reports whether the server has everything.
func (r remote) complete() bool { return r.length >= 0 && r.offset == r.length }

// readRemote reads the tus headers of a successful answer.
func readRemote(header http.Header) (remote, error) {
	r := remote{length: -1}
	var err error
	if r.offset, err = readInteger(header, "Upload-Offset"); err != nil {
		return r, err
	}
	if header.Get("Upload-Length") != "" {
		if r.length, err = readInteger(header, "Upload-Length"); err != nil {
			return r, err
		}
	}
	if r.digest, r.told, err = trail.ParseDigest(header.Get("Upload-Digest")); err != nil {
		return r, err
	}
	if r.sha256, err = readSHA256(header, "Upload-Digest"); r.sha256 == nil && err == nil && r.complete() {
		r.sha256, err = readSHA256(header, "Repr-Digest")
	}
	return r, err
}

// An answerError says that an answer lacks what tus demands of it. A proxy on
// the way may be the one that answered, so the request is tried again.
type answerError string

func (e answerError) Error() string { return string(e) }

func readInteger(header http.Header, name string) (int64, error) {
	value := header.Get(name)
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return 0, answerError(fmt.Sprintf("the server's %s is %q, not a number of bytes", name, value))
	}
	return int64(n), nil
}

// readError turns an answer that is no success into a ResponseError.
func readError(res *http.Response) *ResponseError {
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	e := &ResponseError{
		Method: methodOf(res.Request), URL: res.Request.URL.Redacted(), Status: res.StatusCode,
		RetryAfter: retryAfter(res.Header.Get("Retry-After"), time.Now()), body: body,
		RequestID: printable(res.Header.Get("X-Request-Id")), fromTus: res.Header.Get("Tus-Resumable") != "",
	}
	e.Code, e.Message = readMessage(res.Header.Get("Content-Type"), body)
	e.reason = reasonOf(e)
	e.retry = worthRetrying(e)
	if upload := e.Method == http.MethodHead || e.Method == http.MethodPatch; upload && !fromServer(res) {
		// Not the server's word: a proxy whose server is restarting, or a portal.
		e.reason, e.retry = nil, true
	}
	return e
}

// fromServer tells answers about an upload that may come from a tus server from
// those that cannot: a tus server says so in all of its answers (tus 1.0.0,
// Tus-Resumable), and never sends an upload somewhere else.
func fromServer(res *http.Response) bool {
	switch status := res.StatusCode; {
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusForbidden:
		return res.Header.Get("Tus-Resumable") != ""
	default:
		return status/100 != 3
	}
}

// readMessage takes "ERR_CODE: sentence" apart. Pages written for people are
// not repeated.
func readMessage(contentType string, body []byte) (code, message string) {
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "text/plain" {
		return "", ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	message = printable(line)
	if head, rest, found := strings.Cut(message, ":"); found && strings.HasPrefix(head, "ERR_") {
		return head, strings.TrimSpace(rest)
	}
	return "", message
}

// printable returns at most 200 bytes of what a server says, without what would
// do something to a terminal.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text[:min(len(text), 200)]))
}

func reasonOf(e *ResponseError) error {
	upload := e.Method == http.MethodHead || e.Method == http.MethodPatch
	switch e.Status {
	case http.StatusNotFound, http.StatusGone:
		if upload {
			return tus.ErrUploadNotFound
		}
	case http.StatusForbidden:
		if e.Method == http.MethodHead {
			return tus.ErrUploadNotFound
		}
	case http.StatusConflict:
		return tus.ErrOffsetMismatch
	case http.StatusPreconditionFailed:
		return tus.ErrVersionMismatch
	case http.StatusRequestEntityTooLarge:
		return tus.ErrLargeUpload
	}
	return nil
}

// retryAfter reads the header in both of its forms (RFC 9110, section 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// discard reads what little is left of an answer, so that its connection can be
// used again, and closes it.
func discard(res *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxErrorBody))
	_ = res.Body.Close()
}

// statusOf returns the status of the answer that err stands for, or 0.
func statusOf(err error) int {
	var answer *ResponseError
	if errors.As(err, &answer) {
		return answer.Status
	}
	return 0
}

// methodOf looks through X-HTTP-Method-Override.
func methodOf(req *http.Request) string {
	if method := req.Header.Get("X-HTTP-Method-Override"); method != "" {
		return method
	}
	return req.Method
}

// readSHA256 takes the SHA-256 out of a digest header, "sha-256=:BASE64:" among
// others (RFC 9530). It is nil where there is none.
func readSHA256(header http.Header, name string) ([]byte, error) {
	value := header.Get(name)
	for member := range strings.SplitSeq(value, ",") {
		key, rest, _ := strings.Cut(strings.TrimSpace(member), "=")
		if key != "sha-256" {
			continue
		}
		text, _, _ := strings.Cut(rest, ";")
		text, opened := strings.CutPrefix(text, ":")
		text, closed := strings.CutSuffix(text, ":")
		sum, err := base64.StdEncoding.DecodeString(text)
		if !opened || !closed || err != nil || len(sum) != sha256.Size {
			return nil, answerError(fmt.Sprintf("the server's %s is %q", name, value))
		}
		return sum, nil
	}
	return nil, nil
}
