package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

const (
	wantSHA256          = "Want-Repr-Digest: sha-512=1, sha-256=10"
	reprHelloworld      = "Repr-Digest: crc32c=:Vsu0gA==:"
	announcesHello      = "Repr-Digest: " + sha256Hello
	announcesHelloworld = "Repr-Digest: " + sha256Helloworld
)

// An uploader who wants SHA-256 gets it for his upload.
func TestDigestWanted(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", wantSHA256)
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204, digestHello+", "+sha256Hello, "Repr-Digest: ")
	r.patch(url, 5, strings.NewReader("world")).want(t, 204, digestHelloworld+", "+sha256Helloworld, reprHelloworld+", "+sha256Helloworld)

	url = r.create("Upload-Length: 10", "Want-Repr-Digest: sha-256=0, sha-512=1")
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204, digestHello)
	// It is too late to ask now.
	r.do("HEAD", url, nil, wantSHA256).want(t, 200, digestHello)
	r.patch(url, 5, strings.NewReader("world"), wantSHA256).want(t, 204, digestHelloworld, reprHelloworld)

	r.do("POST", r.endpoint, strings.NewReader("hello"), "Upload-Length: 5", wantSHA256, "Content-Type: application/offset+octet-stream").
		want(t, 201, digestHello+", "+sha256Hello, "Repr-Digest: crc32c=:mnG7TA==:, "+sha256Hello)
	r.do("POST", r.endpoint, nil, "Upload-Length: 0", wantSHA256).
		want(t, 201, "Repr-Digest: crc32c=:AAAAAA==:, "+sha256Nothing)
}

// Whatever tells of the finished file tells its digest; an answer that carries
// something else does not.
func TestReprDigest(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", announcesHelloworld)
	want := reprHelloworld + ", " + sha256Helloworld
	r.do("HEAD", url, nil).want(t, 200, "Repr-Digest: ")
	r.do("GET", url, nil).want(t, 409, "Repr-Digest: ")
	r.patch(url, 0, strings.NewReader("helloworld")).want(t, 204, "Upload-Offset: 10", want)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 10", want)
	whole := r.do("GET", url, nil)
	whole.want(t, 200, want)
	r.do("GET", url, nil, "Range: bytes=5-").want(t, 206, want)
	r.do("GET", url, nil, "If-None-Match: "+whole.Header.Get("ETag")).want(t, 304, want)
	r.do("GET", url, nil, "Range: bytes=10-").want(t, 416, "Repr-Digest: ")
	r.patch(url, 3, strings.NewReader("x")).want(t, 409, "Repr-Digest: ")
	r.do("DELETE", url, nil).want(t, 204, "Repr-Digest: ")
}

func TestDigestRefused(t *testing.T) {
	r := start(t, server.Config{})
	for _, header := range []string{
		"Repr-Digest: sha-256=AAAA", "Repr-Digest: sha-256=:AAAA:", "Repr-Digest: sha-256", "Repr-Digest: ,", "Repr-Digest: crc32c=:AAAA:",
		"Want-Repr-Digest: sha-256", "Want-Repr-Digest: sha-256=11", "Want-Repr-Digest: sha-256=high",
	} {
		a := r.do("POST", r.endpoint, nil, "Upload-Length: 5", header)
		a.want(t, 400)
		if name, _, _ := strings.Cut(header, ":"); !strings.HasPrefix(a.body, "ERR_INVALID_DIGEST: "+name) {
			t.Errorf("%s: the answer is %q", header, a.body)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("the refused creations left %s", left[0].Name())
	}
	r.create("Upload-Length: 5", "Repr-Digest: sha-512=:AAAA:") // not for us to judge
}

// However the bytes come: if they are not those that were announced, they are no
// file, and nobody takes them for one.
func TestRejected(t *testing.T) {
	for name, send := range map[string]func(r *running) (url string){
		"in the last PATCH": func(r *running) string {
			url := r.create("Upload-Length: 10", announcesHelloworld, filenameA)
			r.patch(url, 0, strings.NewReader("hello")).want(t, 204, "Upload-Offset: 5")
			r.rejects(r.patch(url, 5, strings.NewReader("World")))
			return url
		},
		"by its CRC-32C": func(r *running) string {
			url := r.create("Upload-Length: 5", reprHelloworld, filenameA)
			r.rejects(r.patch(url, 0, strings.NewReader("hellO")))
			return url
		},
		"with its checksum": func(r *running) string {
			url := r.create("Upload-Length: 5", announcesHelloworld, filenameA)
			r.rejects(r.patch(url, 0, strings.NewReader("hello"), "Upload-Checksum: "+sha1Hello))
			return url
		},
		"with its length": func(r *running) string {
			url := r.create("Upload-Defer-Length: 1", announcesHelloworld, filenameA)
			r.rejects(r.patch(url, 0, strings.NewReader("hello"), "Upload-Length: 5"))
			return url
		},
		"before its length": func(r *running) string {
			url := r.create("Upload-Defer-Length: 1", announcesHelloworld, filenameA)
			r.patch(url, 0, strings.NewReader("hello")).want(t, 204, "Upload-Offset: 5")
			r.rejects(r.patch(url, 5, nil, "Upload-Length: 5"))
			return url
		},
		"none, for something": func(r *running) string {
			url := r.create("Upload-Defer-Length: 1", announcesHelloworld, filenameA)
			r.rejects(r.patch(url, 0, nil, "Upload-Length: 0"))
			return url
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := start(t, server.Config{DataDir: dir})
			url := send(r)
			r.rejected(url)
			r.stop()

			again := start(t, server.Config{DataDir: dir, ExpireAfter: time.Hour})
			url = strings.Replace(url, r.addr, again.addr, 1)
			again.rejected(url)
			if expires := again.do("HEAD", url, nil).Header.Get("Upload-Expires"); expires == "" {
				t.Error("it does not expire")
			}
			again.do("DELETE", url, nil).want(t, 204)
			again.do("HEAD", url, nil).want(t, 404)
			if left, _ := os.ReadDir(filepath.Join(dir, "uploads")); len(left) > 0 {
				t.Errorf("after DELETE uploads/ still holds %s", left[0].Name())
			}
		})
	}
}

// rejects checks an answer that tells of a rejected upload.
func (r *running) rejects(a answer) {
	r.t.Helper()
	a.want(r.t, 422, "Upload-Offset: ", "Repr-Digest: ", "Tus-Resumable: 1.0.0")
	if a.Request.Method != "HEAD" && !strings.HasPrefix(a.body, "ERR_DIGEST_MISMATCH: ") {
		r.t.Errorf("%s: the answer is %q", a.Request.Method, a.body)
	}
}

// rejected checks that nothing but its end can be done to a rejected upload, and
// that it is no file.
func (r *running) rejected(url string) {
	r.t.Helper()
	r.rejects(r.do("HEAD", url, nil))
	r.rejects(r.do("GET", url, nil))
	for _, offset := range []int64{0, 5, 10} {
		r.rejects(r.patch(url, offset, strings.NewReader("x")))
		r.rejects(r.patch(url, offset, nil))
	}
	if files, _ := os.ReadDir(filepath.Join(r.dir, "files")); len(files) > 0 {
		r.t.Errorf("published %s", files[0].Name())
	}
	if data, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data")); len(data) != 1 {
		r.t.Errorf("of the bytes there is %q", data)
	}
}

// A creation whose only bytes are not those that it announces is rejected, and one
// of no bytes leaves nothing.
func TestRejectedAtCreation(t *testing.T) {
	r := start(t, server.Config{})
	r.rejects(r.do("POST", r.endpoint, nil, "Upload-Length: 0", announcesHello))
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("the refused creation left %s", left[0].Name())
	}
	rejected := r.do("POST", r.endpoint, strings.NewReader("hellO"), "Upload-Length: 5", announcesHello, "Content-Type: application/offset+octet-stream")
	r.rejects(rejected)
	r.rejects(r.do("HEAD", rejected.Header.Get("Location"), nil)) // it is kept, and can be found
	if files, _ := os.ReadDir(filepath.Join(r.dir, "files")); len(files) > 0 {
		t.Errorf("published %s", files[0].Name())
	}
	r.do("POST", r.endpoint, strings.NewReader("hello"), "Upload-Length: 5", announcesHello, "Content-Type: application/offset+octet-stream").
		want(t, 201, "Repr-Digest: crc32c=:mnG7TA==:, "+sha256Hello)
	r.do("POST", r.endpoint, nil, "Upload-Length: 0", "Repr-Digest: "+sha256Nothing).want(t, 201)
}

// A rejected upload dies when its time is up.
func TestRejectedExpires(t *testing.T) {
	r := start(t, server.Config{ExpireAfter: 50 * time.Millisecond})
	url := r.create("Upload-Length: 5", announcesHelloworld)
	r.patch(url, 0, strings.NewReader("hello"))
	for deadline := time.Now().Add(10 * time.Second); r.do("HEAD", url, nil).StatusCode != 404; {
		if time.Now().After(deadline) {
			t.Fatal("it lives on")
		}
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("uploads/ still holds %s", left[0].Name())
	}
}
