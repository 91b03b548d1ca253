package doctor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// half is how many bytes are sent before the request waits.
	half = 256 << 10
	// bufferedAfter is how long they may take to arrive.
	bufferedAfter = 3 * time.Second
)

// ending is what became of a request.
type ending struct {
	answer
	err error
}

// stream asks whether bytes arrive while their request is still being sent: a
// request of which one half is sent waits until the server was asked what it has.
// A proxy that holds requests back loses all of one that breaks off.
func (v *visit) stream(ctx context.Context) error {
	u, err := v.upload(ctx, 2*half)
	if err != nil {
		return err
	}
	body, feed := io.Pipe()
	gone := make(chan ending, 1)
	go func() {
		a, err := v.ask(ctx, v.http1, request{method: http.MethodPatch, url: u, header: patch(0), body: body, length: 2 * half})
		body.CloseWithError(io.ErrClosedPipe)
		gone <- ending{a, err}
	}()
	if _, err := feed.Write(make([]byte, half)); err != nil {
		return v.streamFailed(<-gone)
	}
	if v.watch(ctx, u, gone) {
		// The question may have taken the upload from its request, which then failed.
		feed.Close()
		<-gone
		v.tell(Finding{Text: "bytes arrive while they are sent"})
		return nil
	}
	_, _ = feed.Write(make([]byte, half))
	feed.Close()
	if end := <-gone; end.err != nil || end.status != http.StatusNoContent {
		return v.streamFailed(end)
	}
	v.finished = u
	v.tell(Finding{Level: Bad, Text: "requests are held back on the way until all of them is sent: what breaks off is lost, and progress is not true", Cures: []Cure{
		{"nginx", "proxy_request_buffering off;"},
		{"nginx", "proxy_http_version 1.1;"},
		{"Caddy", "remove request_buffers (before 2.7 buffer_requests) from reverse_proxy"},
		{"HAProxy", "remove option http-buffer-request"},
	}})
	return nil
}

// watch reports whether the server gets to see some of a request that is not sent
// to its end: it has bytes of the upload at u, or answers the request, which the
// question may have interrupted. It leaves what it finds in gone.
func (v *visit) watch(ctx context.Context, u *url.URL, gone chan ending) bool {
	pause := time.NewTicker(200 * time.Millisecond)
	defer pause.Stop()
	for end := time.Now().Add(bufferedAfter + 2*v.trip); time.Now().Before(end); {
		select {
		case e := <-gone:
			gone <- e
			return e.err == nil && e.fromTus()
		case <-ctx.Done():
			return false
		case <-pause.C:
		}
		a, err := v.ask(ctx, v.http1, request{method: http.MethodHead, url: u})
		if err == nil && a.offset() > 0 {
			return true
		}
	}
	return false
}

func (v *visit) streamFailed(end ending) error {
	why := end.says()
	if end.err != nil {
		why = end.err.Error()
	}
	v.tell(Finding{Level: Bad, Text: fmt.Sprintf("a request of %d KiB does not get through: %s", 2*half/1024, why), Cures: []Cure{
		{"proxy", "let OPTIONS, HEAD, POST, PATCH, GET and DELETE through"},
		{"nginx", "client_max_body_size 0;"},
	}})
	return nil
}
