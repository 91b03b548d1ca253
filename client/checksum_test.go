package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// Damage on the way is noticed by the server, which then keeps nothing of it.
func TestDamagedRequestsAreSentAgain(t *testing.T) {
	for _, extension := range []string{"checksum", "checksum-trailer"} {
		for _, algorithm := range []string{"sha1", "sha256", client.AnyChecksum} {
			for name, source := range sources {
				t.Run(extension+"/"+algorithm+"/"+name, func(t *testing.T) {
					inFakeTime(t, func(w *world) {
						w.server.Checksum = extension
						patches := 0
						w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
							if r.Method != http.MethodPatch {
								return false
							}
							if patches++; patches == 2 {
								r.Body = &flipping{r.Body}
							}
							return false
						})
						data := noise(3*size, 1)
						result, err := w.send(client.Config{Checksum: algorithm, ChunkSize: size}, source(w, data), client.Options{})
						w.holds(data, result, err)
						if got := w.server.Checked(); got < 3 {
							t.Errorf("%d bodies came with their checksum", got)
						}
						if patches < 4 {
							t.Errorf("%d requests, though one was damaged", patches)
						}
						w.posts(1)
					})
				})
			}
		}
	}
}

// A request that breaks takes its checksum along, and all that it carried.
func TestCheckedRequestsBreak(t *testing.T) {
	for _, extension := range []string{"checksum", "checksum-trailer"} {
		for name, fault := range kinds {
			t.Run(extension+"/"+name, func(t *testing.T) {
				inFakeTime(t, func(w *world) {
					w.server.Checksum = extension
					fault.Method, fault.Skip = http.MethodPatch, 1
					w.faults.Plan = []clienttest.Fault{fault}
					data := noise(3*size, 1)
					result, err := w.send(client.Config{Checksum: "sha1", ChunkSize: size}, sources["file"](w, data), client.Options{})
					w.holds(data, result, err)
					w.posts(1)
				})
			})
		}
	}
}

func TestCheckedRequestsAreOfLimitedSize(t *testing.T) {
	w := overTCP(t)
	w.server.Checksum = "checksum-trailer"
	data := noise(40*MiB, 1)
	result, err := w.send(client.Config{Checksum: client.AnyChecksum}, sources["file"](w, data), client.Options{})
	w.holds(data, result, err)
	w.requests(map[string]int{"PATCH": 3})
	if got := w.server.Checked(); got != 3 {
		t.Errorf("%d bodies came with their checksum", got)
	}
}

func TestSmallFileIsCheckedWithItsCreation(t *testing.T) {
	w := overTCP(t)
	w.server.Checksum = "checksum"
	data := noise(1000, 1)
	result, err := w.send(client.Config{Checksum: "sha1"}, client.File(w.file("f", 1000, 1)), client.Options{})
	w.holds(data, result, err)
	w.requests(map[string]int{"POST": 1, "PATCH": 0})
	if got := w.server.Checked(); got != 1 {
		t.Errorf("%d bodies came with their checksum", got)
	}
}

func TestChecksumThatTheServerLacks(t *testing.T) {
	for extension, algorithm := range map[string]string{"": "sha1", "checksum": "sha512"} {
		t.Run(fmt.Sprintf("%q", extension), func(t *testing.T) {
			w := overTCP(t)
			w.server.Checksum = extension
			_, err := w.send(client.Config{Checksum: algorithm}, client.File(w.file("f", size, 1)), client.Options{})
			var unsupported *client.UnsupportedError
			if !errors.As(err, &unsupported) {
				t.Errorf("ended with %v", err)
			}
			w.posts(0)
		})
	}
}

// Whether the server has checksums is asked until it answers.
func TestServerThatIsAwayWhenItIsAsked(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Checksum = "checksum"
		w.faults.Plan = []clienttest.Fault{{Method: http.MethodOptions, Kind: clienttest.Answer, Status: 503}}
		data := noise(size, 1)
		result, err := w.send(client.Config{Checksum: "sha1"}, sources["file"](w, data), client.Options{})
		w.holds(data, result, err)
		if got := w.server.Checked(); got != 1 {
			t.Errorf("%d bodies came with their checksum", got)
		}
	})
}
