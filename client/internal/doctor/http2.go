package doctor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dustin/go-humanize"
)

const (
	// raceSize is how many bytes are sent to compare protocols.
	raceSize = 4 * mebi
	// raceRounds is how often; the best of each counts.
	raceRounds = 2
	// throttled is how much slower HTTP/2 may be, and unfelt how much longer it may
	// take in any case: where a second carries a hundred megabytes nobody is held back.
	throttled = 2
	unfelt    = 200 * time.Millisecond
)

// http2 asks whether an upload over HTTP/2, which is what browsers take where they
// can, is much slower than over HTTP/1.1: small windows do that on long ways.
func (v *visit) http2(ctx context.Context) error {
	if v.patient.Endpoint.Scheme != "https" {
		return nil
	}
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	second := v.client(&protocols)
	defer second.CloseIdleConnections()
	if _, err := v.ask(ctx, second, request{method: http.MethodOptions, url: v.endpoint()}); err != nil {
		v.tell(Finding{Text: "there is no HTTP/2 here"})
		return nil
	}
	var best [2]time.Duration
	for range raceRounds {
		for i, c := range []*http.Client{v.http1, second} {
			took, err := v.race(ctx, c)
			if err != nil {
				return fmt.Errorf("HTTP/%d cannot be timed: %w", i+1, err)
			}
			if best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	one, two := rate(best[0]), rate(best[1])
	if best[1] <= max(throttled*best[0], best[0]+unfelt) {
		v.tell(Finding{Text: fmt.Sprintf("HTTP/2 keeps up: %s, HTTP/1.1 %s", two, one)})
		return nil
	}
	v.tell(Finding{Level: Bad, Text: fmt.Sprintf("HTTP/2 holds browsers back: %s, HTTP/1.1 %s", two, one), Cures: []Cure{
		{"nginx", "http2_body_preread_size 1m;"},
		{"nginx", "client_body_buffer_size 1m;"},
		{"Caddy", "servers { protocols h1 }"},
	}})
	return nil
}

func (v *visit) race(ctx context.Context, c *http.Client) (time.Duration, error) {
	u, err := v.upload(ctx, raceSize)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	a, err := v.ask(ctx, c, request{method: http.MethodPatch, url: u, header: patch(0), body: io.LimitReader(zeros{}, raceSize), length: raceSize})
	if err == nil && a.status != http.StatusNoContent {
		err = fmt.Errorf("PATCH: %s", a.says())
	}
	return time.Since(began), err
}

func rate(took time.Duration) string {
	return humanize.IBytes(uint64(raceSize/took.Seconds())) + "/s"
}
