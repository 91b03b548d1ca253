package client_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
)

func TestRecordsTellWhatWasSent(t *testing.T) {
	inFakeTime(t, func(w *world) {
		if records, err := client.Records(filepath.Join(w.state, "none")); len(records) != 0 || err != nil {
			t.Errorf("of a place that is not there: %v, %v", records, err)
		}
		done := w.file("film.mov", 1000, 1)
		odd := w.file("\xff\xfe.log", 500, 2)
		finished := w.mustPush(done, client.Options{Metadata: tus.Metadata{"relativePath": "rushes/film.mov", "project": "Grün"}})
		open := w.mustPush(odd, client.Options{Append: true})
		w.write(filepath.Join(w.state, "broken.json"), []byte("{"))

		records, err := client.Records(w.state)
		if err != nil || len(records) != 2 {
			t.Fatalf("%+v, %v", records, err)
		}
		slices.SortFunc(records, func(a, b client.Record) int { return int(b.Size - a.Size) })
		a, b := records[0], records[1]
		if a.Path != done || a.URL != finished.URL || a.Endpoint != w.url || a.Size != 1000 || a.Offset != 1000 || a.Open || !a.Finished || a.Created.IsZero() {
			t.Errorf("the finished one: %+v", a)
		}
		if a.Metadata["relativePath"] != "rushes/film.mov" || a.Metadata["project"] != "Grün" || a.Metadata["filename"] != "film.mov" {
			t.Errorf("its metadata: %q", a.Metadata)
		}
		if b.Path != odd || b.URL != open.URL || b.Offset != 500 || !b.Open || b.Finished {
			t.Errorf("the open one: %+v", b)
		}

		if err := a.Forget(w.state); err != nil {
			t.Fatal(err)
		}
		if err := a.Forget(w.state); err != nil {
			t.Errorf("again: %v", err)
		}
		if records, err = client.Records(w.state); len(records) != 1 || err != nil || records[0].Path != odd {
			t.Errorf("left: %+v, %v", records, err)
		}
		// A path that is not UTF-8 is found again.
		w.grow(odd, 10, 3)
		if result := w.mustPush(odd, client.Options{Append: true}); result.URL != open.URL || result.Sent != 10 {
			t.Errorf("%+v", result)
		}
	})
}

// What is forgotten is the upload, not what came after it.
func TestForgetLeavesTheSuccessor(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("film.mov", 1000, 1)
		w.mustPush(path, client.Options{})
		old, err := client.Records(w.state)
		if err != nil || len(old) != 1 {
			t.Fatalf("%+v, %v", old, err)
		}
		w.grow(path, 10, 2)
		w.mustPush(path, client.Options{})
		if err := old[0].Forget(w.state); err != nil {
			t.Fatal(err)
		}
		if now, err := client.Records(w.state); err != nil || len(now) != 1 || now[0].URL == old[0].URL {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestRecordsFromNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if records, err := client.Records(path); err == nil {
		t.Errorf("%v", records)
	}
}
