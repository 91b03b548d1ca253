package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

const size = 300_000

// kinds are the ways in which each request may break.
var kinds = map[string]clienttest.Fault{
	"refused":      {Kind: clienttest.Refuse},
	"answer lost":  {Kind: clienttest.Lose},
	"502":          {Kind: clienttest.Answer, Status: 502, Body: "<html>bad gateway", Header: http.Header{"Content-Type": {"text/html"}}},
	"423":          {Kind: clienttest.Answer, Status: 423},
	"429":          {Kind: clienttest.Answer, Status: 429, Header: http.Header{"Retry-After": {"7"}}},
	"taken over":   {Kind: clienttest.Answer, Status: 400, Body: "ERR_UPLOAD_INTERRUPTED: by another request", Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}},
	"odd success":  {Kind: clienttest.Answer, Status: 204},
	"cut at once":  {Kind: clienttest.Cut},
	"cut in it":    {Kind: clienttest.Cut, After: 100_000},
	"stalled":      {Kind: clienttest.Stall, After: 100_000},
	"wrong offset": {Kind: clienttest.Answer, Status: 409},
}

// sources are the kinds of what is sent; each yields 3*size bytes.
var sources = map[string]func(w *world, data []byte) client.Source{
	"file": func(w *world, data []byte) client.Source {
		path := filepath.Join(w.TempDir(), "f")
		w.write(path, data)
		return client.File(path)
	},
	"reader at": func(_ *world, data []byte) client.Source {
		return client.ReaderAt("f", bytes.NewReader(data), int64(len(data)))
	},
	"reader": func(_ *world, data []byte) client.Source {
		return client.Reader("f", bytes.NewReader(data))
	},
	"slow reader": func(_ *world, data []byte) client.Source {
		return client.Reader("f", &slow{pieces: [][]byte{data[:size], data[size : 2*size], data[2*size:]}, pause: time.Minute})
	},
}

func TestEveryFaultInEveryPhase(t *testing.T) {
	phases := []struct {
		name   string
		method string
		skip   int
		kinds  []string
	}{
		{"create", http.MethodPost, 0, []string{"refused", "answer lost", "502", "423", "429"}},
		{"first patch", http.MethodPatch, 0, []string{"refused", "answer lost", "502", "423", "429", "taken over", "odd success", "cut at once", "cut in it", "stalled", "wrong offset"}},
		{"middle patch", http.MethodPatch, 1, []string{"answer lost", "502", "odd success", "cut at once", "cut in it", "stalled", "wrong offset"}},
		{"last patch", http.MethodPatch, 2, []string{"refused", "answer lost", "502", "cut in it", "stalled"}},
		{"declaring the length", http.MethodPatch, 3, []string{"refused", "answer lost", "502", "423", "429", "taken over", "odd success", "wrong offset"}},
		{"asking again", http.MethodHead, 0, []string{"refused", "answer lost", "502", "423", "429", "odd success"}},
	}
	for _, phase := range phases {
		for _, kind := range phase.kinds {
			for name, source := range sources {
				if phase.name == "declaring the length" && name != "slow reader" {
					continue
				}
				for _, digests := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%s/digests=%t", phase.name, kind, name, digests), func(t *testing.T) {
						inFakeTime(t, func(w *world) {
							fault := kinds[kind]
							fault.Method, fault.Skip = phase.method, phase.skip
							w.faults.Plan = []clienttest.Fault{fault}
							if phase.method == http.MethodHead {
								w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPatch, Kind: clienttest.Cut, After: 5})
							}
							w.server.Digests = digests
							survives(w, source, fault)
						})
					})
				}
			}
		}
	}
}

// survives pushes in three parts and looks at what arrived.
func survives(w *world, source func(*world, []byte) client.Source, fault clienttest.Fault) {
	w.Helper()
	data := noise(3*size, 1)
	result, err := w.client(client.Config{ChunkSize: size}).Upload(context.Background(), source(w, data), client.Options{})
	w.holds(data, result, err)
	if left := w.faults.Left(); len(left) != 0 {
		w.Errorf("did not happen: %+v", left)
	}
	created := 1
	if fault.Method == http.MethodPost && fault.Kind == clienttest.Lose {
		created = 2 // nobody can know that the first was made
	}
	w.posts(created)
}

func TestWaitsAsLongAsTheServerAsks(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Kind: clienttest.Answer, Status: 503, Header: http.Header{"Retry-After": {"77"}}},
		}
		began := time.Now()
		var seen events
		w.mustPush(w.file("f", size, 1), client.Options{Notify: seen.add})
		if took := time.Since(began); took < 77*time.Second || took > 78*time.Second {
			t.Errorf("took %v", took)
		}
		if waits := seen.of(client.Retrying); len(waits) != 1 || waits[0].Wait != 77*time.Second {
			t.Errorf("told %+v", waits)
		}
	})
}

func TestGivesUpOnlyWithoutProgress(t *testing.T) {
	inFakeTime(t, func(w *world) {
		const rounds = 50 // of half a minute each
		path := w.file("f", rounds*10_000, 1)
		for range rounds - 1 {
			w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPatch, Kind: clienttest.Cut, After: 10_000})
		}
		asked := 0
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead {
				asked++
			}
			if r.Method != http.MethodHead || asked%2 == 0 {
				return false
			}
			rw.Header().Set("Retry-After", "30")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		})
		began := time.Now()
		result := w.mustPush(path, client.Options{})
		w.stored(result.URL, path)
		w.posts(1)
		if took := time.Since(began); took < 20*time.Minute {
			t.Errorf("took only %v", took)
		}
	})
}

func TestGivesUpAndCanBeContinued(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 100_000, 1)
		down := false
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if down {
				http.Error(rw, "ERR_SERVER_SHUTDOWN: back soon", http.StatusServiceUnavailable)
			}
			down = down || r.Method == http.MethodPost
			return down && r.Method != http.MethodPost
		})
		began := time.Now()
		result, err := w.push(path, client.Options{})
		var temporary *client.TemporaryError
		var answer *client.ResponseError
		if !errors.As(err, &temporary) || !errors.As(err, &answer) || answer.Status != 503 || answer.Code != "" && answer.Code != "ERR_SERVER_SHUTDOWN" {
			t.Fatalf("gave up with %v", err)
		}
		if took := time.Since(began); took < 14*time.Minute || took > 15*time.Minute || result.URL == "" {
			t.Errorf("gave up after %v: %+v", took, result)
		}
		w.server.Answer(nil)
		result = w.mustPush(path, client.Options{})
		w.stored(result.URL, path)
		w.posts(1)
	})
}

func TestNobodyListensAtANewAddress(t *testing.T) {
	inFakeTime(t, func(w *world) {
		for range 3 {
			w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPost, Kind: clienttest.Refuse})
		}
		began := time.Now()
		_, err := w.push(w.file("f", 10, 1), client.Options{})
		var temporary *client.TemporaryError
		if !errors.As(err, &temporary) || temporary.Contact || time.Since(began) > 2*time.Second {
			t.Errorf("gave up after %v with %v", time.Since(began), err)
		}
	})
}

func TestFinalAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  clienttest.Fault
		status int
		is     error
	}{
		{"unauthorized creation", clienttest.Fault{Method: "POST", Status: 401}, 401, nil},
		{"forbidden creation", clienttest.Fault{Method: "POST", Status: 403}, 403, nil},
		{"full", clienttest.Fault{Method: "POST", Status: 507}, 507, nil},
		{"full meanwhile", clienttest.Fault{Method: "PATCH", Status: 507}, 507, nil},
		{"wrong version", clienttest.Fault{Method: "PATCH", Status: 412}, 412, tus.ErrVersionMismatch},
		{"too large for the server", clienttest.Fault{Method: "PATCH", Status: 413, Header: http.Header{"Tus-Resumable": {"1.0.0"}}}, 413, tus.ErrLargeUpload},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				tc.fault.Kind = clienttest.Answer
				w.faults.Plan = []clienttest.Fault{tc.fault}
				began := time.Now()
				_, err := w.push(w.file("f", size, 1), client.Options{})
				var answer *client.ResponseError
				var plain tus.ClientError
				if !errors.As(err, &answer) || !errors.As(err, &plain) || plain.Code != tc.status || tc.is != nil && !errors.Is(err, tc.is) {
					t.Errorf("failed with %v", err)
				}
				if time.Since(began) != 0 {
					t.Error("waited")
				}
			})
		})
	}
}

func TestStalledConnectionIsGivenUp(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.faults.Plan = []clienttest.Fault{{Method: http.MethodPatch, Kind: clienttest.Stall, After: 1000}}
		path := w.file("f", size, 1)
		began := time.Now()
		var seen events
		result, err := w.client(client.Config{StallTimeout: 5 * time.Second}).
			Upload(context.Background(), client.File(path), client.Options{Notify: seen.add})
		if took := time.Since(began); err != nil || took < 5*time.Second || took > 6*time.Second {
			t.Fatalf("took %v: %v", took, err)
		}
		if waits := seen.of(client.Retrying); len(waits) != 1 || !errors.Is(waits[0].Err, client.ErrStalled) {
			t.Errorf("told %+v", waits)
		}
		w.stored(result.URL, path)
	})
}

func TestSuccessWithoutProgressIsNone(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPatch {
				return false
			}
			rw.Header().Set("Upload-Offset", "0")
			rw.WriteHeader(http.StatusNoContent)
			return true
		})
		_, err := w.push(w.file("f", size, 1), client.Options{})
		var temporary *client.TemporaryError
		if !errors.As(err, &temporary) || w.server.Requests(http.MethodPatch) > 200 {
			t.Errorf("ended with %v after %d requests", err, w.server.Requests(http.MethodPatch))
		}
	})
}

func TestLargeBodiesAreAnnounced(t *testing.T) {
	for size, want := range map[int]string{1 << 20: "", 1<<20 + 1: "100-continue"} {
		w := overTCP(t)
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if got := r.Header.Get("Expect"); r.Method == http.MethodPatch && got != want {
				t.Errorf("a body of %d bytes comes with %q, want %q", size, got, want)
			}
			return false
		})
		w.mustPush(w.file("f", size, 1), client.Options{})
	}
}

func TestVanishedUploadBeginsAnew(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut, After: 10},
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusGone, Header: http.Header{"Tus-Resumable": {"1.0.0"}}},
		}
		path := w.file("f", 3*size, 1)
		result, err := w.client(client.Config{ChunkSize: size}).Upload(context.Background(), client.File(path), client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.stored(result.URL, path)
		w.posts(2)
	})
}

func TestOtherHeadFailuresKeepTheUpload(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", size, 1)
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: 1000},
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
		}
		if _, err := w.push(path, client.Options{}); err == nil {
			t.Fatal("no error")
		}
		result := w.mustPush(path, client.Options{})
		w.stored(result.URL, path)
		w.posts(1)
	})
}

// A proxy whose server is restarting may answer anything: only the server's own
// word, which bears Tus-Resumable, ends an upload.
func TestWordsOfAProxyKeepTheUpload(t *testing.T) {
	for _, method := range []string{http.MethodHead, http.MethodPatch} {
		for _, status := range []int{403, 404, 410, 302} {
			t.Run(fmt.Sprintf("%s %d", method, status), func(t *testing.T) {
				inFakeTime(t, func(w *world) {
					path := w.file("f", size, 1)
					w.faults.Plan = []clienttest.Fault{
						{Method: http.MethodPatch, Kind: clienttest.Cut, After: 1000},
						{Method: method, Kind: clienttest.Answer, Status: status, Header: http.Header{"Location": {"/login"}}},
					}
					w.stored(w.mustPush(path, client.Options{}).URL, path)
					w.posts(1)
				})
			})
		}
	}
}
