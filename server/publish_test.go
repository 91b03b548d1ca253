package server_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// upload sends text as a whole, with metadata given as keys and values, and returns
// the URL.
func (r *running) upload(text string, metadata ...string) string {
	r.t.Helper()
	var pairs []string
	for i := 0; i < len(metadata); i += 2 {
		pairs = append(pairs, metadata[i]+" "+base64.StdEncoding.EncodeToString([]byte(metadata[i+1])))
	}
	a := r.do("POST", r.endpoint, strings.NewReader(text), "Upload-Length: 5",
		"Content-Type: application/offset+octet-stream", "Upload-Metadata: "+strings.Join(pairs, ","))
	a.want(r.t, 201)
	return a.Header.Get("Location")
}

// A file of a folder is found at its path, whatever that path tries, and under its
// own name when it is downloaded.
func TestRelativePath(t *testing.T) {
	r := start(t, server.Config{})
	for _, tt := range [][2]string{ // in this order: the last one finds its name taken
		{"folder/sub/ä.bin", "folder/sub/a.bin"},
		{"../../escape/a.bin", "escape/a.bin"},
		{`folder\other\a.bin`, "folder/other/a.bin"},
		{"null", "a.bin"},
		{"folder/sub/ä.bin/ä.bin/", "a (1).bin"},
	} {
		relative, want := tt[0], tt[1]
		url := r.upload("hello", "filename", "a.bin", "relativePath", relative)
		wantFile(t, filepath.Join(r.dir, "files", want), "hello")
		got := r.do("GET", url, nil)
		got.want(t, 200, "Content-Disposition: attachment; filename="+disposition(filepath.Base(want)))
		if got.body != "hello" {
			t.Errorf("GET says %q", got.body)
		}
		if want != "folder/sub/a.bin" {
			continue
		}
		r.do("DELETE", url, nil).want(t, 204)
		if _, err := os.Stat(filepath.Join(r.dir, "files", want)); !os.IsNotExist(err) {
			t.Errorf("%s after DELETE: %v", want, err)
		}
	}
	url := r.upload("hello", "filename", "a.bin", "relativePath", "moved/a.bin")
	if err := os.Rename(filepath.Join(r.dir, "files", "moved"), filepath.Join(r.dir, "files", "away")); err != nil {
		t.Fatal(err)
	}
	r.do("GET", url, nil).want(t, 410)
	r.do("HEAD", url, nil).want(t, 200)
	if _, err := os.Stat(filepath.Join(r.dir, "files", "moved")); !os.IsNotExist(err) {
		t.Errorf("the folder that was moved away: %v", err)
	}
}

func disposition(name string) string {
	if strings.Contains(name, " ") {
		return `"` + name + `"`
	}
	return name
}

// Without publishing a finished file is called by its id. What was finished before
// the setting changed stays as it is, and all of it can be had and deleted.
func TestPublishOff(t *testing.T) {
	dir := t.TempDir()
	var urls []string
	for _, publish := range []string{"on", "off", "on", "off"} {
		r := start(t, server.Config{DataDir: dir, Publish: publish})
		urls = append(urls, r.upload("hello", "filename", "ä.bin", "relativePath", "x/ä.bin"))
		for _, url := range urls {
			got := r.do("GET", r.endpoint+filepath.Base(url), nil)
			got.want(t, 200)
			if name := got.Header.Get("Content-Disposition"); got.body != "hello" || !strings.Contains(name, "%C3%A4") {
				t.Errorf("publish=%s: GET says %q, %q", publish, got.body, name)
			}
		}
		r.stop()
	}
	ids := []string{filepath.Base(urls[1]), filepath.Base(urls[3])}
	for _, name := range []string{"x/ä.bin", "x/ä (1).bin", ids[0], ids[1]} {
		wantFile(t, filepath.Join(dir, "files", name), "hello")
	}
	r := start(t, server.Config{DataDir: dir})
	for _, url := range urls {
		r.do("DELETE", r.endpoint+filepath.Base(url), nil).want(t, 204)
		r.do("GET", r.endpoint+filepath.Base(url), nil).want(t, 404)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || strings.Join(left, " ") != filepath.Join(dir, "files", "x") {
		t.Errorf("left are %q, %v; want the empty directory", left, err)
	}
}
