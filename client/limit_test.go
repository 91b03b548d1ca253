package client_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

const MiB = 1 << 20

func (w *world) behind(most int64, reset bool) *clienttest.Cap {
	proxy := &clienttest.Cap{Base: w.faults.Base, Most: most, Reset: reset}
	w.faults.Base = proxy
	return proxy
}

func TestRequestsShrinkToWhatTheWayTakes(t *testing.T) {
	for _, tc := range []struct {
		name    string
		most    int64
		reset   bool
		size    int
		refused int
	}{
		{"everything", 8 * MiB, false, 8 * MiB, 0},
		{"a little less than all", 8*MiB - 1, false, 8 * MiB, 1},
		{"1 MiB", MiB, false, 8 * MiB, 3},
		{"less than 128 KiB", 100_000, false, 3 * MiB, 6},
		{"resets at 3 MiB", 3 * MiB, true, 8 * MiB, 2},
		{"resets at 1 MiB", MiB, true, 4 * MiB, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				proxy := w.behind(tc.most, tc.reset)
				path := w.file("f", tc.size, 1)
				began := time.Now()
				w.stored(w.mustPush(path, client.Options{}).URL, path)
				if got := proxy.Refused(); got != tc.refused {
					t.Errorf("%d requests were too large, want %d", got, tc.refused)
				}
				if took := time.Since(began); !tc.reset && took != 0 {
					t.Errorf("waited for %v", took)
				}
				other := w.file("g", tc.size, 2)
				w.stored(w.mustPush(other, client.Options{}).URL, other)
				if got := proxy.Refused(); got != tc.refused {
					t.Errorf("%d requests were too large in a second push, which could know", got-tc.refused)
				}
				if tc.refused == 0 {
					return
				}
				time.Sleep(8 * 24 * time.Hour)
				third := w.file("h", tc.size, 3)
				w.stored(w.mustPush(third, client.Options{}).URL, third)
				if proxy.Refused() == tc.refused {
					t.Error("it is known for ever")
				}
				w.posts(3)
			})
		})
	}
}

func TestNoRequestIsSmallEnough(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.behind(1000, false)
		_, err := w.push(w.file("f", MiB, 1), client.Options{})
		if !errors.Is(err, tus.ErrLargeUpload) {
			t.Errorf("ended with %v", err)
		}
	})
}

// A link that breaks, or a server that is away, does not make requests smaller
// as long as what was sent arrives.
func TestBadLinksAreNoReasonForSmallRequests(t *testing.T) {
	for name, plan := range map[string][]clienttest.Fault{
		"it breaks, and some arrives": {
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: 2 * MiB},
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: 2 * MiB},
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: 2 * MiB},
		},
		"nobody is there": {
			{Method: http.MethodPatch, Kind: clienttest.Refuse},
			{Method: http.MethodPatch, Kind: clienttest.Refuse},
			{Method: http.MethodPatch, Kind: clienttest.Refuse},
		},
		"it breaks at once": {
			{Method: http.MethodPatch, Kind: clienttest.Cut},
			{Method: http.MethodPatch, Kind: clienttest.Cut},
			{Method: http.MethodPatch, Kind: clienttest.Cut},
		},
		"once": {
			{Method: http.MethodPatch, Kind: clienttest.Lose},
			{Method: http.MethodPatch, Kind: clienttest.Lose},
		},
		"locked": {
			{Method: http.MethodPatch, Kind: clienttest.Answer, Status: 423},
			{Method: http.MethodPatch, Kind: clienttest.Answer, Status: 423},
			{Method: http.MethodPatch, Kind: clienttest.Answer, Status: 423},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				w.faults.Plan = plan
				path := w.file("f", 16*MiB, 1)
				w.stored(w.mustPush(path, client.Options{}).URL, path)
				if got := w.server.Requests(http.MethodPatch); got > 4 {
					t.Errorf("%d requests arrived", got)
				}
			})
		})
	}
}
