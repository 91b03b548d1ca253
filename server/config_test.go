package server_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

func TestOneProcessPerDataDirectory(t *testing.T) {
	r := start(t, server.Config{})
	_, err := server.New(server.Config{DataDir: r.dir})
	if !errors.Is(err, server.ErrDataDirInUse) || !strings.Contains(err.Error(), r.dir) {
		t.Errorf("second server: %v; want ErrDataDirInUse and the directory's name", err)
	}
	r.stop()
	second, err := server.New(server.Config{DataDir: r.dir})
	if err != nil {
		t.Fatalf("after the first has stopped: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestBasePath(t *testing.T) {
	r := start(t, server.Config{BasePath: "/in/box/"})
	a := r.do("POST", "/in/box/", strings.NewReader("hello"), "Upload-Length: 5", "Content-Type: application/offset+octet-stream")
	a.want(t, 201)
	location := a.Header.Get("Location")
	if !strings.HasPrefix(location, "http://"+r.addr+"/in/box/") {
		t.Errorf("Location is %q", location)
	}
	if got := r.do("GET", location, nil); got.body != "hello" {
		t.Errorf("got %q", got.body)
	}
	r.do("POST", r.endpoint, nil, "Upload-Length: 5").want(t, 404)
	if page := r.do("GET", "/", nil); !strings.Contains(page.body, `content="in/box/"`) {
		t.Errorf("the page does not know its endpoint: %q", page.body)
	}
}

func TestConfigValidate(t *testing.T) {
	err := server.Config{BasePath: "files", MaxSize: -1, ExpireAfter: -1, Publish: "names", Durability: "maybe", Digest: "sha256"}.Validate()
	for _, want := range []string{"data directory", "base path", "maximum size", "time to expire", `publish is neither on nor off: "names"`, "durability", `neither none nor sha-256: "sha256"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q too", err, want)
		}
	}
	for _, base := range []string{"/", "files/", "/files", "/a//b/", "/a/../b/", "/a b/", "/{id}/", "/a*/", "//", "/livez/", "/readyz/", "/assets/"} {
		if err := (server.Config{DataDir: "d", BasePath: base}).Validate(); err == nil {
			t.Errorf("base path %q was accepted", base)
		}
	}
	if err := (server.Config{DataDir: "d"}).Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
}
