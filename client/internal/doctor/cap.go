package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/dustin/go-humanize"
)

const (
	// capMost is the largest request that is asked for.
	capMost = 1 << 40
	// leaveTime is how long a refusal may take.
	leaveTime = 2 * time.Second
	// sentMost is the largest one that is sent.
	sentMost = 4 * mebi
)

// cap asks how large a request may be. Nothing is sent for most of that: a request
// that goes on at a wrong offset announces its length and waits for leave
// (Expect: 100-continue). What limits requests answers 413 then; a tus server
// answers 409, or gives leave, or nothing, and no use is made of that.
func (v *visit) cap(ctx context.Context) error {
	u, err := v.upload(ctx, sentMost)
	if err != nil {
		return err
	}
	if fits, err := v.fits(ctx, u, capMost); fits || err != nil {
		if err == nil {
			err = v.send(ctx, u)
		}
		return err
	}
	fits, fails := int64(0), int64(capMost/1024) // KiB
	for fails-fits > 1 {
		middle := fits + (fails-fits)/2
		ok, err := v.fits(ctx, u, middle*1024)
		switch {
		case err != nil:
			return err
		case ok:
			fits = middle
		default:
			fails = middle
		}
	}
	v.tell(Finding{Level: Bad, Text: fmt.Sprintf("requests may have at most %s: larger ones cost uploads a detour", humanize.IBytes(uint64(fits*1024))), Cures: capCures(fits)})
	return nil
}

// capCures are for a limit of so many KiB.
func capCures(fits int64) []Cure {
	return []Cure{
		{"nginx", "client_max_body_size 0;"},
		{"Caddy", "remove max_size from request_body"},
		{"longhaul", fmt.Sprintf("push --chunk-size %dKiB, where the proxy cannot be changed", fits)},
	}
}

var errLeave = errors.New("leave was given")

// leave is a body that is never sent.
type leave struct{}

func (leave) Read([]byte) (int, error) { return 0, errLeave }

// fits reports whether nothing refuses a request of size bytes.
func (v *visit) fits(ctx context.Context, u *url.URL, size int64) (bool, error) {
	header := patch(sentMost + 1) // the upload has nothing there
	header.Set("Expect", "100-continue")
	a, err := v.ask(ctx, v.http1, request{method: http.MethodPatch, url: u, header: header, body: leave{}, length: size})
	switch {
	case errors.Is(err, errLeave):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("how large a request may be cannot be found out: %w", err)
	}
	return a.status != http.StatusRequestEntityTooLarge || a.fromTus(), nil
}

// send sends a request that is large for a limit that is told too late.
func (v *visit) send(ctx context.Context, u *url.URL) error {
	a, err := v.ask(ctx, v.http1, request{method: http.MethodPatch, url: u, header: patch(0), body: io.LimitReader(zeros{}, sentMost), length: sentMost})
	if err == nil && a.status == http.StatusNoContent && a.offset() == sentMost {
		v.finished = u
		v.tell(Finding{Text: "requests may be as large as they like"})
		return nil
	}
	why := ""
	if err != nil {
		why = err.Error()
	} else {
		why = a.says()
	}
	v.tell(Finding{Level: Bad, Text: fmt.Sprintf("a request of %s does not get through: %s", humanize.IBytes(sentMost), why), Cures: capCures(mebi / 1024)})
	return nil
}

// zeros yields zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
