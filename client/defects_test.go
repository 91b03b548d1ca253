package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// What clients got wrong before, each once; the others are tested where they
// belong.

func TestServerWithAShorterLengthEndsTheUpload(t *testing.T) {
	for _, length := range []string{"0", "100", "299999", "300001"} {
		t.Run(length, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				w.faults.Plan = []clienttest.Fault{
					{Method: http.MethodPatch, Kind: clienttest.Cut, After: 100},
					{Method: http.MethodHead, Kind: clienttest.Answer, Status: 200, Header: http.Header{
						"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}, "Upload-Length": {length},
					}},
				}
				_, err := w.push(w.file("f", size, 1), client.Options{})
				if !errors.Is(err, client.ErrSourceChanged) {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// A new upload in place of one that the server refuses to show is told.
func TestForbiddenUploadIsNotReplacedInSilence(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", size, 1)
		w.interrupted(path, client.Options{})
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusForbidden, Header: http.Header{"Tus-Resumable": {"1.0.0"}}},
		}
		var seen events
		w.stored(w.mustPush(path, client.Options{Notify: seen.add}).URL, path)
		if notices := seen.of(client.Notice); len(notices) != 1 {
			t.Errorf("told %+v", notices)
		}
		w.posts(2)
	})
}

// Proxies and servers answer a PATCH with 200 as well.
func TestPatchAnsweredWith200(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Tus-Resumable", "1.0.0")
		if r.Method == http.MethodPost {
			w.Header().Set("Location", "/files/1")
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.Header().Set("Upload-Offset", "3")
	}))
	defer server.Close()
	w := &world{TB: t, url: server.URL + "/files/", state: t.TempDir()}
	if result := w.mustPush(w.file("f", 3, 1), client.Options{}); result.Offset != 3 {
		t.Errorf("%+v", result)
	}
}

// Whatever form a Location has, it is one from the endpoint on.
func TestLocations(t *testing.T) {
	for location, want := range map[string]string{
		"/files/1":               "/files/1",
		"1":                      "/base/files/1",
		"./1?token=a%2Fb":        "/base/files/1?token=a%2Fb",
		"../other/1":             "/base/other/1",
		"http://{host}/up/1#top": "/up/1",
		"//{host}/up/1":          "/up/1",
	} {
		t.Run(location, func(t *testing.T) {
			var patched string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Tus-Resumable", "1.0.0")
				if r.Method == http.MethodPost {
					w.Header().Set("Location", strings.ReplaceAll(location, "{host}", r.Host))
					w.WriteHeader(http.StatusCreated)
					return
				}
				if r.Method == http.MethodPatch {
					patched = r.RequestURI
				}
				w.Header().Set("Upload-Offset", "3")
				w.WriteHeader(http.StatusNoContent)
			}))
			defer server.Close()
			w := &world{TB: t, url: server.URL + "/base/files/", state: t.TempDir()}
			result := w.mustPush(w.file("f", 3, 1), client.Options{})
			if patched != want || result.URL != server.URL+want {
				t.Errorf("sent to %s, said %s; want %s", patched, result.URL, want)
			}
		})
	}
}

// A stored file is known again in another time zone, and as complete.
func TestTimeZoneDoesNotMatter(t *testing.T) {
	w := overTCP(t)
	path := w.file("f", 1000, 1)
	for _, zone := range []string{"Asia/Tokyo", "UTC", "America/New_York"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPushInAProcessOfItsOwn$")
		cmd.Env = append(os.Environ(), "TZ="+zone, pushEndpoint+"="+w.url, pushFile+"="+path, pushState+"="+w.state)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if again := w.mustPush(path, client.Options{}); !again.AlreadyThere || again.Offset != 1000 || again.Size != 1000 {
		t.Errorf("%+v", again)
	}
	w.posts(1)
}
