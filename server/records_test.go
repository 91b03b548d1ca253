package server_test

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// forged returns the record of the upload called id as that of another one, with
// sums that are right.
func (r *running) forged(id, other string) (text string) {
	r.t.Helper()
	record, err := os.ReadFile(filepath.Join(r.dir, "uploads", id+".log"))
	if err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(record)) {
		_, json, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		json = strings.ReplaceAll(json, id, other)
		text += fmt.Sprintf("%08x %s\n", crc32.Checksum([]byte(json), crc32.MakeTable(crc32.Castagnoli)), json)
	}
	return text
}

// A finished file is nothing but that, whatever its uploader calls it and writes
// into it: no upload comes of it, and none is changed by it.
func TestFileLikeARecord(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10")
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	id, none := path.Base(url), strings.Repeat("a", 26)
	whole := path.Base(r.create("Upload-Length: 0"))
	for name, content := range map[string]string{
		id + ".log": r.forged(whole, id), id + ".data": "hellOworld",
		none + ".log": r.forged(id, none), none + ".data": "hello", "lock": "",
	} {
		for _, place := range []string{"", "uploads", "../uploads", "..", "/"} {
			metadata := "filename " + base64.StdEncoding.EncodeToString([]byte(name))
			if place != "" {
				metadata += ",relativePath " + base64.StdEncoding.EncodeToString([]byte(place+"/"+name))
			}
			file := r.create(fmt.Sprintf("Upload-Length: %d", len(content)), "Upload-Metadata: "+metadata)
			r.patch(file, 0, strings.NewReader(content)).want(t, 204)
			if got := r.do("GET", file, nil); got.body != content {
				t.Errorf("%s in %q: got %q", name, place, got.body)
			}
		}
	}
	wantFile(t, filepath.Join(r.dir, "files", id+".data"), "hellOworld")
	wantFile(t, filepath.Join(r.dir, "files", "uploads", id+".data"), "hellOworld")

	r.stop()
	again := start(t, server.Config{DataDir: r.dir})
	again.do("HEAD", again.endpoint+none, nil).want(t, 404)
	again.do("GET", again.endpoint+none+".log", nil).want(t, 404)
	again.do("HEAD", again.endpoint+id, nil).want(t, 200, "Upload-Offset: 5", "Upload-Length: 10", digestHello)
	again.patch(again.endpoint+id, 5, strings.NewReader("world")).want(t, 204, digestHelloworld)
	wantFile(t, filepath.Join(r.dir, "files", id), "helloworld")
}
