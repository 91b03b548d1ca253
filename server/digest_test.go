package server_test

import (
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

const (
	// The SHA-256 of nothing, "hello" and "helloworld", in base64.
	sha256Nothing    = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
	sha256Hello      = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"
	sha256Helloworld = "sha-256=:k2oYXKqiZrucvpgengXLeM1zKwsygOuURBK7b4+PB68=:"
)

// A server that computes SHA-256 tells it beside CRC-32C, over requests and
// restarts.
func TestDigestForAll(t *testing.T) {
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir, Digest: "sha-256"})
	created := r.do("POST", r.endpoint, nil, "Upload-Length: 10")
	created.want(t, 201, digestNothing+", "+sha256Nothing)
	url := created.Header.Get("Location")
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204, digestHello+", "+sha256Hello)
	r.stop()

	again := start(t, server.Config{DataDir: dir})
	url = strings.Replace(url, r.addr, again.addr, 1)
	again.do("HEAD", url, nil).want(t, 200, digestHello+", "+sha256Hello)
	again.patch(url, 5, strings.NewReader("world")).want(t, 204, digestHelloworld+", "+sha256Helloworld)
	again.do("HEAD", url, nil).want(t, 200, digestHelloworld+", "+sha256Helloworld)
}
