package client_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// What was stored is what the server said, whatever was handed to the network:
// here it loses the second of three requests.
func TestProgressCountsAcknowledgedBytes(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.faults.Plan = []clienttest.Fault{{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut, After: 100}}
		path := w.file("f", 3*size, 1)
		var seen events
		result, err := w.client(client.Config{ChunkSize: size}).
			Upload(context.Background(), client.File(path), client.Options{Notify: seen.add})
		if err != nil {
			t.Fatal(err)
		}
		var stored []int64
		for _, e := range seen.of(client.Progress) {
			if e.Offset < e.Stored {
				t.Errorf("%d bytes were received and %d of them stored", e.Offset, e.Stored)
			}
			if len(stored) == 0 || stored[len(stored)-1] != e.Stored {
				stored = append(stored, e.Stored)
			}
		}
		if len(stored) != 4 || stored[0] != size || stored[1] != size+100 || stored[2] != 2*size+100 || stored[3] != 3*size {
			t.Errorf("stored grew through %d", stored)
		}
		if waits := seen.of(client.Retrying); len(waits) != 1 || waits[0].Stored != size {
			t.Errorf("told %+v", waits)
		}
		w.stored(result.URL, path)
	})
}
