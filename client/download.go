package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// DownloadOptions says where a download goes. The zero value makes a file in the
// working directory, named as the server says.
type DownloadOptions struct {
	// Path is where the file goes. Where it is a directory, or empty for the
	// working directory, the file gets the name that its uploader gave it, made
	// harmless, or the last part of the upload's URL.
	Path string
	// Overwrite replaces a file that is there. Otherwise that is fs.ErrExist,
	// unless it is the one that would come.
	Overwrite bool
	// Writer gets the bytes in place of a file. They cannot be taken back: the
	// error of Download, not their number, says whether they are right.
	Writer io.Writer
	// Notify is as in Options. Started and Resumed tell that bytes come.
	Notify func(Event)
}

// DownloadResult says what became of a download. Beside an error it tells how far
// the download came.
type DownloadResult struct {
	Path         string        // of the file, as soon as it is known; empty for a Writer
	Size         int64         // of the upload, in bytes
	Offset       int64         // bytes that are here
	Received     int64         // of them by this call
	AlreadyThere bool          // the file was there, as a whole
	Verified     bool          // the server told a digest of all bytes, and it is theirs
	SHA256       []byte        // of all bytes, there and here; nil if the server told none
	Elapsed      time.Duration // of the call
}

// ErrUnfinished says that an upload cannot be downloaded yet.
var ErrUnfinished = errors.New("the upload is not finished")

// ErrDamaged says that the bytes that came do not have the digest that the server
// tells, nor did they when they came a second time.
var ErrDamaged = errors.New("the download is damaged")

// Download fetches the finished upload at address. The file appears under its
// name when all of it is on disk and has the digest that the server tells;
// until then its bytes are in a file beside it whose name ends in ".part", from
// which a later Download of the same upload to the same place goes on.
//
// Failures are retried as in Upload, from where the last attempt stopped; but where
// nothing was received yet, a 500 (or another 5xx than 502, 503 and 504) only
// twice. Ending ctx makes Download return at once. Errors are ErrUnfinished, ErrDamaged,
// ErrBusy, fs.ErrExist, *TemporaryError, *ResponseError, *NotTusError, the error
// of ctx, or that of a file or Writer.
func (c *Client) Download(ctx context.Context, address string, options DownloadOptions) (DownloadResult, error) {
	u, err := url.Parse(address)
	if err != nil {
		return DownloadResult{}, fmt.Errorf("upload: %w", err)
	}
	d := &download{c: c, url: u, options: options, sums: newSums(), began: time.Now()}
	d.retry = retry{patience: c.config.Patience, doubtful: true, notify: func(wait time.Duration, err error) {
		d.notify(Event{Kind: Retrying, Wait: wait, Err: err})
	}}
	err = d.run(ctx)
	d.result.Offset, d.result.Elapsed = d.sums.offset, time.Since(d.began)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = interrupted(err, d.sums.offset)
	}
	return d.result, err
}

// download is one call of Download. It belongs to the goroutine of that call.
type download struct {
	c       *Client
	url     *url.URL
	options DownloadOptions
	retry   retry
	began   time.Time
	result  DownloadResult

	header http.Header // of the answer to HEAD
	etag   string      // of the first answer with bytes
	writer io.Writer   // where bytes go
	sums   *sums       // of all bytes here; knows how many there are
}

func (d *download) run(ctx context.Context) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	if d.options.Writer != nil {
		d.writer = d.options.Writer
		d.notify(Event{Kind: Started})
		if err := d.receive(ctx); err != nil {
			return err
		}
		return d.verify()
	}
	if err := d.place(); err != nil {
		return err
	}
	unlock, err := d.claim()
	if err != nil {
		return err
	}
	defer unlock()
	if there, err := d.alreadyThere(ctx); there || err != nil {
		return err
	}
	return d.toFile(ctx)
}

// look asks what there is to download.
func (d *download) look(ctx context.Context) error {
	var r remote
	for {
		header, err := d.c.ask(ctx, http.MethodHead, d.url, nil, http.StatusOK, http.StatusNoContent)
		if err == nil && header.Get("Upload-Offset") == "" {
			return &NotTusError{URL: d.url.Redacted(), Status: http.StatusOK, ContentType: header.Get("Content-Type")}
		}
		if err == nil {
			d.header = header
			r, err = readRemote(header)
		}
		if err == nil {
			break
		}
		if err := d.retry.wait(ctx, err); err != nil {
			return err
		}
	}
	d.retry.contact = true
	d.retry.progress()
	d.result.Size = r.length
	if !r.complete() {
		d.result.Size = max(r.length, 0)
		return fmt.Errorf("%w: it has %d bytes so far", ErrUnfinished, r.offset)
	}
	d.sums.expect(r)
	return nil
}

// claim keeps others from the same download to the same place.
func (d *download) claim() (unlock func(), err error) {
	if d.c.config.NoRecords {
		return func() {}, nil
	}
	slot, err := resume.Open(d.c.config.StateDir, "download "+d.url.String(), d.result.Path)
	if errors.Is(err, ErrBusy) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecords, err)
	}
	return func() { _ = slot.Close() }, nil
}

// receive gets bytes until all are here.
func (d *download) receive(ctx context.Context) error {
	d.retry.doubtful = d.retry.doubtful && d.sums.offset == 0
	for d.sums.offset < d.result.Size {
		before := d.sums.offset
		err := d.fetch(ctx)
		if d.sums.offset > before {
			d.retry.progress()
			d.retry.doubtful = false
		}
		if err == nil {
			continue
		}
		if err := d.retry.wait(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// verify compares what came with what the server told.
func (d *download) verify() error {
	if err := d.sums.compare(); err != nil {
		return err
	}
	d.result.Verified, d.result.SHA256 = d.sums.told(), d.sums.wantSHA
	return nil
}

func (d *download) notify(e Event) {
	if d.options.Notify == nil {
		return
	}
	e.URL = d.url.String()
	if e.Kind != Verifying {
		e.Size, e.Offset, e.Stored = d.result.Size, d.sums.offset, d.sums.offset
	}
	d.options.Notify(e)
}
