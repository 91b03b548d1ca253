package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// eachServer runs test against a server that tells digests and one that does not.
func eachServer(t *testing.T, test func(w *world)) {
	for _, digests := range []bool{false, true} {
		t.Run(fmt.Sprintf("digests=%t", digests), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				w.server.Digests = digests
				test(w)
			})
		})
	}
}

// refused fails unless a push ends with want and no byte was sent.
func (w *world) refused(path string, options client.Options, want error) {
	w.Helper()
	before := w.server.Received()
	if result, err := w.push(path, options); !errors.Is(err, want) {
		w.Errorf("push ended with %+v, %v; want %v", result, err, want)
	}
	if sent := w.server.Received() - before; sent != 0 {
		w.Errorf("%d bytes were sent", sent)
	}
}

func (w *world) length(url string) int64 {
	w.Helper()
	status, err := w.client(client.Config{}).Status(context.Background(), url)
	if err != nil {
		w.Fatal(err)
	}
	return status.Length
}

func TestGrowingFileCostsOnlyItsGrowth(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 100_000, 1)
		first := w.mustPush(path, client.Options{Append: true})
		for i, growth := range []int{1, 70_000, 0} {
			w.grow(path, growth, uint64(i)+2)
			result := w.mustPush(path, client.Options{Append: true})
			if result.Sent != int64(growth) || result.AlreadyThere != (growth == 0) || !result.Open {
				t.Errorf("growth by %d: %+v", growth, result)
			}
			w.stored(result.URL, path)
		}
		if got := w.length(first.URL); got != -1 {
			t.Errorf("the length is %d before it was declared", got)
		}
		w.grow(path, 5, 9)
		result := w.mustPush(path, client.Options{Finish: true})
		if got := w.length(first.URL); got != 170_006 || result.Open || result.Sent != 5 {
			t.Errorf("the length is %d after %+v", got, result)
		}
		w.stored(first.URL, path)
		w.posts(1)
		if got := w.server.Received(); got != 170_006 {
			t.Errorf("%d bytes arrived", got)
		}
		if again := w.mustPush(path, client.Options{Finish: true}); !again.AlreadyThere {
			t.Errorf("after the end: %+v", again)
		}
	})
}

func TestFinishAlone(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("answer lost=%t", lost), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				path := w.file("log", 1000, 1)
				first := w.mustPush(path, client.Options{Append: true})
				if lost {
					w.faults.Plan = []clienttest.Fault{{Method: http.MethodPatch, Kind: clienttest.Lose}}
				}
				result := w.mustPush(path, client.Options{Finish: true})
				if result.URL != first.URL || result.Sent != 0 || result.AlreadyThere || w.length(first.URL) != 1000 {
					t.Errorf("finished with %+v", result)
				}
			})
		})
	}
}

func TestEmptyFileGrowsAndIsFinished(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 0, 1)
		w.mustPush(path, client.Options{Append: true})
		w.grow(path, 10, 1)
		w.stored(w.mustPush(path, client.Options{Finish: true}).URL, path)
		w.posts(1)
	})
}

func TestOpenUploadNeedsAWordOnHowToGoOn(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("log", 1000, 1)
		w.mustPush(path, client.Options{Append: true})
		w.grow(path, 10, 2)
		w.refused(path, client.Options{}, client.ErrLeftOpen)
		w.mustPush(path, client.Options{Append: true})
	})
}

func TestGrowingFileThatDidNotOnlyGrowIsRefused(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 100_000, 1)
		w.mustPush(path, client.Options{Append: true})
		data := w.read(path)
		for _, tc := range []struct {
			name string
			data []byte
		}{
			{"first byte", append([]byte{data[0] + 1}, data[1:]...)},
			{"last byte, and grown", append(append(data[:99_999:99_999], data[99_999]+1), "more"...)},
			{"shrunk", data[:99_999]},
			{"emptied", nil},
		} {
			w.write(path, tc.data)
			w.refused(path, client.Options{Append: true}, client.ErrSourceChanged)
			w.refused(path, client.Options{Finish: true}, client.ErrSourceChanged)
		}
		w.write(path, append(data, "more"...))
		result := w.mustPush(path, client.Options{Finish: true})
		w.stored(result.URL, path)
		w.posts(1)
	})
}

func TestGrowthThatWasInterruptedGoesOn(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 50_000, 1)
		w.mustPush(path, client.Options{Append: true})
		w.grow(path, 60_000, 2)
		w.interrupted(path, client.Options{Append: true})
		w.grow(path, 10, 3)
		data := w.read(path)
		w.write(path, append([]byte{data[0] + 1}, data[1:]...))
		w.refused(path, client.Options{Append: true}, client.ErrSourceChanged)
		w.write(path, data)
		w.stored(w.mustPush(path, client.Options{Finish: true}).URL, path)
		w.posts(1)
	})
}

func TestGrowthWhileAppendingWaitsForTheNextPush(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("log", 200_000, 1)
		grown := false
		result := w.mustPush(path, client.Options{Append: true, Notify: func(client.Event) {
			if !grown {
				grown = true
				w.grow(path, 10, 2)
			}
		}})
		if result.Offset != 200_000 {
			t.Errorf("stored %d bytes", result.Offset)
		}
		w.stored(w.mustPush(path, client.Options{Finish: true}).URL, path)
	})
}
