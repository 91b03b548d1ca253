package server_test

import (
	"errors"
	"path"
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
	if !strings.HasPrefix(location, "/in/box/") {
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
	for _, public := range []string{"files.example", "ftp://files.example", "https://", "https://files.example/", "https://me@files.example", "https://files.example?a", "https://files.example#a"} {
		if err := (server.Config{DataDir: "d", PublicURL: public}).Validate(); err == nil {
			t.Errorf("public URL %q was accepted", public)
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

// Locations are relative, whatever a request says of hosts, or begin with the
// public URL.
func TestLocation(t *testing.T) {
	odd := []string{"Upload-Length: 5", "Host: evil.example", "Forwarded: host=evil.example;proto=https", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"}
	for public, want := range map[string]string{"": "/files/", "https://files.example/in": "https://files.example/in/files/"} {
		r := start(t, server.Config{PublicURL: public})
		location := r.do("POST", r.endpoint, nil, odd...).Header.Get("Location")
		if got := strings.TrimSuffix(location, path.Base(location)); got != want {
			t.Errorf("Location is %q, want it to begin with %q", location, want)
		}
		r.do("HEAD", r.endpoint+path.Base(location), nil).want(t, 200)
	}
}
