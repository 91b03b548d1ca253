package client_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// followed starts an Upload that follows the file at path, and returns what tells
// its end.
func (w *world) followed(path string, follow client.Follow, options client.Options) (end func() (client.Result, error)) {
	w.Helper()
	options.Follow = &follow
	type outcome struct {
		client.Result
		error
	}
	c := w.client(client.Config{})
	done := make(chan outcome, 1)
	go func() {
		result, err := c.Upload(context.Background(), client.File(path), options)
		done <- outcome{result, err}
	}()
	return func() (client.Result, error) {
		o := <-done
		c.Close()
		return o.Result, o.error
	}
}

// more appends to the file at path as whoever writes a log does.
func (w *world) more(path string, size int, seed uint64) {
	w.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		w.Fatal(err)
	}
	_, err = f.Write(noise(size, seed))
	if err := errors.Join(err, f.Close()); err != nil {
		w.Fatal(err)
	}
}

func TestFollowSendsWhatComes(t *testing.T) {
	for _, finish := range []bool{false, true} {
		inFakeTime(t, func(w *world) {
			path := w.file("app.log", 1000, 1)
			w.faults.Plan = []clienttest.Fault{{Method: "PATCH", Skip: 1, Kind: clienttest.Lose}, {Method: "PATCH", Skip: 3, Kind: clienttest.Refuse}}
			began := time.Now()
			end := w.followed(path, client.Follow{Idle: 30 * time.Second}, client.Options{Append: !finish, Finish: finish})
			for i := range 10 {
				time.Sleep(25 * time.Second)
				w.more(path, 500, uint64(i+2))
			}
			result, err := end()
			if err != nil || result.Offset != 6000 || result.Sent != 6000 || result.Open == finish {
				t.Fatalf("%+v, %v", result, err)
			}
			if took := time.Since(began); took < 280*time.Second || took > 285*time.Second {
				t.Errorf("it took %s; the file grew for 250 s", took)
			}
			w.stored(result.URL, path)
			w.posts(1)
			if left := w.faults.Left(); len(left) > 0 {
				t.Errorf("these faults did not happen: %v", left)
			}
			if finish {
				return
			}
			// It was left open: the next push goes on.
			w.more(path, 7, 99)
			if again := w.mustPush(path, client.Options{Finish: true}); again.URL != result.URL || again.Sent != 7 || again.Open {
				t.Errorf("%+v", again)
			}
		})
	}
}

func TestFollowStops(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("app.log", 0, 1)
		stop := make(chan struct{})
		end := w.followed(path, client.Follow{Stop: stop}, client.Options{Finish: true})
		time.Sleep(10 * time.Hour)
		w.more(path, 5000, 2)
		close(stop)
		result, err := end()
		if err != nil || result.Offset != 5000 || result.Open {
			t.Fatalf("%+v, %v", result, err)
		}
		w.stored(result.URL, path)
	})
}

// A file that is written to all the time does not make a request of every line.
func TestFollowGathersSmallGrowth(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("app.log", 10, 1)
		end := w.followed(path, client.Follow{Idle: 5 * time.Second}, client.Options{Append: true})
		for i := range 300 {
			time.Sleep(100 * time.Millisecond)
			w.more(path, 10, uint64(i))
		}
		if result, err := end(); err != nil || result.Offset != 3010 {
			t.Fatalf("%+v, %v", result, err)
		}
		if patches := w.server.Requests("PATCH"); patches > 40 {
			t.Errorf("%d requests in 30 s", patches)
		}
	})
}

// What was acknowledged is remembered while the file is followed, so that a death
// costs nothing, also against a server that tells no digests.
func TestFollowSurvivesDeath(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("app.log", 1000, 1)
		stop := make(chan struct{})
		end := w.followed(path, client.Follow{Stop: stop}, client.Options{Append: true})
		time.Sleep(5 * time.Second)
		w.more(path, 500, 2)
		time.Sleep(5 * time.Second)
		records, err := client.Records(w.state)
		if err != nil || len(records) != 1 || records[0].Offset != 1500 {
			t.Errorf("%+v, %v", records, err)
		}
		close(stop)
		if _, err := end(); err != nil {
			t.Error(err)
		}
	})
}

func TestFollowNoticesWhatIsNoGrowth(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("app.log", 1000, 1)
		end := w.followed(path, client.Follow{}, client.Options{Append: true})
		time.Sleep(5 * time.Second)
		w.write(path, noise(10, 2)) // as copytruncate does
		if _, err := end(); !errors.Is(err, client.ErrSourceChanged) {
			t.Errorf("cut off: %v", err)
		}
		path = w.file("other.log", 1000, 3)
		end = w.followed(path, client.Follow{Idle: 10 * time.Second}, client.Options{Finish: true})
		time.Sleep(5 * time.Second)
		w.writeAt(path, []byte("changed"), 0)
		if result, err := end(); !errors.Is(err, client.ErrSourceChanged) || !result.Open {
			t.Errorf("rewritten: %+v, %v", result, err)
		}
	})
}

func TestFollowAfterTheEnd(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("app.log", 1000, 1)
		first := w.mustPush(path, client.Options{})
		end := w.followed(path, client.Follow{Idle: 10 * time.Second}, client.Options{Append: true})
		time.Sleep(5 * time.Second)
		w.more(path, 500, 2)
		result, err := end()
		if err != nil || result.URL == first.URL || result.Offset != 1500 || !result.Open {
			t.Errorf("%+v, %v", result, err)
		}
		w.stored(first.URL, w.file("first", 1000, 1))
	})
}

func TestFollowNeedsAFileThatMayGrow(t *testing.T) {
	inFakeTime(t, func(w *world) {
		c := w.client(client.Config{})
		follow := &client.Follow{}
		if _, err := c.Upload(context.Background(), client.File(w.file("x", 1, 1)), client.Options{Follow: follow}); err == nil {
			t.Error("a file of fixed length was followed")
		}
		if _, err := c.Upload(context.Background(), client.ReaderAt("x", strings.NewReader("x"), 1), client.Options{Follow: follow, Finish: true}); err == nil {
			t.Error("what is no file was followed")
		}
		w.posts(0)
	})
}
