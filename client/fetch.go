package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// fetch sends one GET for what is missing and takes what comes (RFC 9110,
// section 14). It returns nil when the answer ended where it should.
func (d *download) fetch(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(d.c.config.StallTimeout, func() { cancel(ErrStalled) })
	defer stall.Stop()
	req, err := d.c.newRequest(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // ranges are of the bytes as they are
	if from := d.sums.offset; from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		if d.etag != "" && !strings.HasPrefix(d.etag, "W/") {
			req.Header.Set("If-Range", d.etag)
		}
	}
	res, err := d.c.do(req)
	if err != nil {
		return networkError(ctx, err)
	}
	defer res.Body.Close()
	skip, err := d.begins(res)
	if err != nil {
		return err
	}
	err = d.copy(ctx, res.Body, skip, func() { stall.Reset(d.c.config.StallTimeout) })
	var wire *wireError
	if errors.As(err, &wire) {
		// As what net/http says of a connection that breaks sooner.
		return networkError(ctx, &url.Error{Op: "Get", URL: d.url.Redacted(), Err: wire.err})
	}
	return err
}

// begins looks at where an answer starts, and tells how many of its bytes are
// here already: all of them where the server knows no ranges.
func (d *download) begins(res *http.Response) (skip int64, err error) {
	switch res.StatusCode {
	case http.StatusOK:
		skip = d.sums.offset
	case http.StatusPartialContent:
		if start, total, err := contentRange(res.Header.Get("Content-Range")); err != nil || start != d.sums.offset || total != d.result.Size {
			return 0, answerError(fmt.Sprintf("the server was asked for bytes from %d on and sends %q", d.sums.offset, res.Header.Get("Content-Range")))
		}
	default:
		return 0, readError(res)
	}
	if whole := d.result.Size - d.sums.offset + skip; res.ContentLength >= 0 && res.ContentLength != whole {
		return 0, answerError(fmt.Sprintf("the server sends %d bytes in place of %d", res.ContentLength, whole))
	}
	etag := res.Header.Get("ETag")
	if d.etag != "" && etag != d.etag {
		return 0, fmt.Errorf("%w: it changed while it was being received", ErrDamaged)
	}
	d.etag = etag
	return skip, nil
}

// contentRange reads "bytes 5-9/10" (RFC 9110, section 14.4).
func contentRange(value string) (start, total int64, err error) {
	rest, found := strings.CutPrefix(value, "bytes ")
	span, size, slash := strings.Cut(rest, "/")
	first, last, dash := strings.Cut(span, "-")
	if !found || !slash || !dash {
		return 0, 0, fmt.Errorf("content range %q", value)
	}
	numbers := make([]int64, 3)
	for i, text := range []string{first, last, size} {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return 0, 0, fmt.Errorf("content range %q", value)
		}
		numbers[i] = int64(n)
	}
	if numbers[0] > numbers[1] || numbers[1] >= numbers[2] {
		return 0, 0, fmt.Errorf("content range %q", value)
	}
	return numbers[0], numbers[2], nil
}

// wireError is a failure of the connection, not of the place where bytes go.
type wireError struct{ err error }

func (e *wireError) Error() string { return e.err.Error() }

// copy takes body after its first skip bytes. alive is called whenever bytes came.
func (d *download) copy(ctx context.Context, body io.Reader, skip int64, alive func()) error {
	buffer := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buffer)
	most := d.c.pacer.most(len(*buffer))
	var told time.Time
	for {
		n, err := body.Read((*buffer)[:most])
		if _, failed := d.c.pacer.wait(ctx, n); failed != nil {
			return &wireError{failed}
		}
		if n > 0 {
			alive()
		}
		dropped := min(skip, int64(n))
		skip -= dropped
		if failed := d.take((*buffer)[dropped:n]); failed != nil {
			return failed
		}
		if now := time.Now(); now.Sub(told) >= tick || d.sums.offset == d.result.Size {
			told = now
			d.notify(Event{Kind: Progress})
		}
		switch {
		case d.sums.offset == d.result.Size:
			return nil
		case err == io.EOF:
			return &wireError{io.ErrUnexpectedEOF}
		case err != nil:
			return &wireError{err}
		}
	}
}

// take stores p.
func (d *download) take(p []byte) error {
	if int64(len(p)) > d.result.Size-d.sums.offset {
		return answerError("the server sends more than the upload has")
	}
	n, err := d.writer.Write(p)
	d.sums.add(p[:n])
	d.result.Received += int64(n)
	return err
}
