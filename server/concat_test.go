package server_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

const partial = "Upload-Concat: partial"

// part creates a partial upload of content and returns its URL.
func (r *running) part(content string) string {
	r.t.Helper()
	url := r.create(partial, fmt.Sprintf("Upload-Length: %d", len(content)), filenameA)
	if content != "" {
		r.patch(url, 0, strings.NewReader(content)).want(r.t, 204)
	}
	return url
}

// concat asks for the final upload of the parts.
func (r *running) concat(parts ...string) answer {
	r.t.Helper()
	return r.do("POST", r.endpoint, nil, concatOf(parts), filenameA)
}

func concatOf(parts []string) string { return "Upload-Concat: final;" + strings.Join(parts, " ") }

// folded waits until a.bin is there, and nothing of the parts.
func (r *running) folded() {
	r.t.Helper()
	r.until("nothing is left to fold", func() bool {
		left, err := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data"))
		return err == nil && len(left) == 0
	})
}

// until waits until something is so.
func (r *running) until(what string, is func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("it did not come to that: %s", what)
		}
	}
}

func TestConcatenation(t *testing.T) {
	r := start(t, server.Config{})
	r.do("OPTIONS", r.endpoint, nil).wantExtensions(t, "concatenation", "concatenation-unfinished")

	one := r.create(partial, "Upload-Length: 5", filenameA)
	r.patch(one, 0, strings.NewReader("he")).want(t, 204)
	r.do("HEAD", one, nil).want(t, 200, partial, "Upload-Offset: 2", "Upload-Length: 5")
	r.patch(one, 2, strings.NewReader("llo")).want(t, 204, "Upload-Offset: 5", digestHello)
	r.do("GET", one, nil).want(t, 403)
	two := r.part("world")

	parts := []string{one, two}
	created := r.concat(parts...)
	created.want(t, 201, concatOf(parts), digestHelloworld, "Upload-Expires: ")
	url := created.Header.Get("Location")
	r.concat(parts...).want(t, 201, "Location: "+url)
	for range 2 {
		r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 10", "Upload-Length: 10", concatOf(parts), filenameA, digestHelloworld)
		if a := r.do("GET", url, nil); a.StatusCode != 200 || a.body != "helloworld" {
			t.Errorf("GET: %s %q", a.Status, a.body)
		}
		if a := r.do("GET", url, nil, "Range: bytes=3-6"); a.StatusCode != 206 || a.body != "lowo" {
			t.Errorf("GET of a range: %s %q", a.Status, a.body)
		}
		r.patch(url, 10, strings.NewReader("x")).want(t, 403)
		r.folded()
	}
	r.concat(parts...).want(t, 201, "Location: "+url)
	r.do("HEAD", one, nil).want(t, 404)
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "helloworld")
	r.do("DELETE", url, nil).want(t, 204)
	for _, dir := range []string{"files", "uploads"} {
		if left, _ := os.ReadDir(filepath.Join(r.dir, dir)); len(left) > 0 {
			t.Errorf("after DELETE %s/ still holds %s", dir, left[0].Name())
		}
	}
	if a := r.concat(parts...); a.StatusCode != 404 || !strings.HasPrefix(a.body, "ERR_PART_NOT_FOUND: ") {
		t.Errorf("concatenating what is gone: %s %q", a.Status, a.body)
	}
}

// A final upload over unfinished parts has no offset, and the length when that is
// known. It is complete with the last part.
func TestConcatenationUnfinished(t *testing.T) {
	r := start(t, server.Config{ExpireAfter: time.Hour})
	one, two := r.create(partial, "Upload-Defer-Length: 1"), r.create(partial, "Upload-Length: 5")
	created := r.concat(one, two)
	created.want(t, 201, "Upload-Digest: ")
	url := created.Header.Get("Location")
	pending := func(length string) {
		t.Helper()
		a := r.do("HEAD", url, nil)
		a.want(t, 200, "Upload-Length: "+length, "Upload-Offset: ", "Upload-Defer-Length: ", "Upload-Digest: ", concatOf([]string{one, two}))
		if _, there := a.Header["Upload-Offset"]; there {
			t.Error("HEAD tells an offset")
		}
		if a.Header.Get("Upload-Expires") == "" {
			t.Error("HEAD tells no expiry")
		}
		r.do("GET", url, nil).want(t, 409)
		r.patch(url, 0, strings.NewReader("x")).want(t, 403)
	}
	pending("")
	r.do("DELETE", one, nil).want(t, 409)
	r.patch(one, 0, strings.NewReader("hello"), "Upload-Length: 5").want(t, 204)
	pending("10")
	r.patch(two, 0, strings.NewReader("wor")).want(t, 204)
	pending("10")
	r.patch(two, 3, strings.NewReader("ld")).want(t, 204, "Upload-Offset: 5", "Upload-Expires: ")
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 10", "Upload-Length: 10", digestHelloworld, "Upload-Expires: ")
	r.folded()
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "helloworld")
}

// Each thing that is wrong with the request has a code of its own, and creates
// nothing.
func TestConcatenationRefused(t *testing.T) {
	r := start(t, server.Config{MaxSize: 10})
	one, two, taken := r.part("hello"), r.part("world"), r.part("x")
	r.concat(taken).want(t, 201)
	r.until("the part is folded", func() bool { return r.do("HEAD", taken, nil).StatusCode == 404 })
	whole := r.create("Upload-Length: 5")
	id := strings.TrimPrefix(one[strings.LastIndex(one, "/"):], "/")
	good := concatOf([]string{one, two})
	for name, tt := range map[string]struct {
		body    io.Reader
		headers []string
		status  int
		code    string
	}{
		"a length":              {nil, []string{good, "Upload-Length: 10"}, 400, "ERR_FINAL_WITH_LENGTH"},
		"a deferred length":     {nil, []string{good, "Upload-Defer-Length: 1"}, 400, "ERR_FINAL_WITH_LENGTH"},
		"bytes":                 {strings.NewReader("x"), []string{good, "Content-Type: application/offset+octet-stream"}, 400, "ERR_FINAL_WITH_CONTENT"},
		"the promise of bytes":  {nil, []string{good, "Content-Type: application/offset+octet-stream"}, 400, "ERR_FINAL_WITH_CONTENT"},
		"bytes, no length":      {io.MultiReader(strings.NewReader("x")), []string{good}, 400, "ERR_FINAL_WITH_CONTENT"},
		"no parts":              {nil, []string{"Upload-Concat: final;"}, 400, "ERR_INVALID_CONCAT"},
		"neither":               {nil, []string{"Upload-Concat: partially", "Upload-Length: 1"}, 400, "ERR_INVALID_CONCAT"},
		"another host":          {nil, []string{"Upload-Concat: final;http://evil.example/files/" + id}, 400, "ERR_PART_FOREIGN"},
		"another path":          {nil, []string{"Upload-Concat: final;/other/" + id}, 400, "ERR_PART_FOREIGN"},
		"an odd id":             {nil, []string{"Upload-Concat: final;/files/%2e%2e%2flock"}, 404, "ERR_PART_NOT_FOUND"},
		"an unknown id":         {nil, []string{concatOf([]string{one, r.endpoint + strings.Repeat("a", 26)})}, 404, "ERR_PART_NOT_FOUND"},
		"twice the same":        {nil, []string{concatOf([]string{one, two, one})}, 400, "ERR_PART_REPEATED"},
		"a whole upload":        {nil, []string{concatOf([]string{one, whole})}, 400, "ERR_PART_NOT_PARTIAL"},
		"more than the maximum": {nil, []string{concatOf([]string{one, two, r.part("!")})}, 413, "ERR_MAX_SIZE_EXCEEDED"},
		"the wrong version":     {nil, []string{good, "Tus-Resumable: 0.2.2"}, 412, "ERR_UNSUPPORTED_VERSION"},
		"too many": {nil, []string{"Upload-Concat: final;" + strings.Repeat("/files/"+strings.Repeat("a", 26)+" ", 10_000) + "/files/b"},
			400, "ERR_PART_COUNT"},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := os.ReadDir(filepath.Join(r.dir, "uploads"))
			a := r.do("POST", r.endpoint, tt.body, tt.headers...)
			if a.StatusCode != tt.status || !strings.HasPrefix(a.body, tt.code+": ") || a.Header.Get("Location") != "" || a.Header.Get("Tus-Resumable") != "1.0.0" {
				t.Errorf("got %s %q, want %d %s", a.Status, a.body, tt.status, tt.code)
			}
			if after, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(after) != len(before) {
				t.Errorf("%d files before, %d after", len(before), len(after))
			}
		})
	}
	r.do("POST", r.endpoint, nil, good).want(t, 201)
}

// Whoever has one of the parts in a final upload cannot put it into another.
func TestPartTaken(t *testing.T) {
	r := start(t, server.Config{})
	one, two := r.part("hello"), r.create(partial, "Upload-Length: 5")
	r.concat(one, two).want(t, 201)
	for _, parts := range [][]string{{one}, {two, one}} {
		if a := r.concat(parts...); a.StatusCode != 409 || !strings.HasPrefix(a.body, "ERR_PART_TAKEN: ") {
			t.Errorf("got %s %q, want 409 ERR_PART_TAKEN", a.Status, a.body)
		}
	}
}

// A final upload and its parts can be named by any URL that leads to them, and by
// any method that stands for POST.
func TestConcatenationURLs(t *testing.T) {
	r := start(t, server.Config{})
	for _, form := range []string{"/files/", r.endpoint, "./"} {
		one := r.part("hello")
		a := r.do("PUT", strings.TrimSuffix(r.endpoint, "/"), nil, "X-HTTP-Method-Override: POST", concatOf([]string{form + one[strings.LastIndex(one, "/")+1:]}))
		a.want(t, 201)
		r.do("HEAD", a.Header.Get("Location"), nil).want(t, 200, "Upload-Offset: 5")
	}
}

// A download of a final upload goes on while its parts become one file.
func TestDownloadAcrossFolding(t *testing.T) {
	r := start(t, server.Config{})
	piece := strings.Repeat("0123456789abcdef", 1<<16)
	var parts []string
	want := ""
	for i := range 8 {
		content := fmt.Sprint(i) + piece
		parts = append(parts, r.part(content))
		want += content
	}
	url := r.concat(parts...).Header.Get("Location")
	resp, err := http.Get("http://" + r.addr + url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	head := make([]byte, 100)
	if _, err := io.ReadFull(resp.Body, head); err != nil {
		t.Fatal(err)
	}
	r.folded()
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(head)+string(rest) != want {
		t.Errorf("%d bytes, error %v; want %d", len(head)+len(rest), err, len(want))
	}
}

// What a stopped server had not folded the next one folds.
func TestFoldAfterRestart(t *testing.T) {
	dir := t.TempDir()
	cfg := server.Config{DataDir: dir}
	r := start(t, cfg)
	one, two := r.part("hello"), r.create(partial, "Upload-Length: 5")
	url := r.concat(one, two).Header.Get("Location")
	two = two[strings.LastIndex(two, "/files/"):]
	r.stop()
	r = start(t, cfg)
	r.patch(two, 0, strings.NewReader("world")).want(t, 204)
	r.stop()
	r = start(t, cfg)
	r.folded()
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 10", digestHelloworld)
	wantFile(t, filepath.Join(dir, "files", "a.bin"), "helloworld")
}

// wantExtensions checks that the extensions are announced.
func (a answer) wantExtensions(t *testing.T, names ...string) {
	t.Helper()
	got := "," + a.Header.Get("Tus-Extension") + ","
	for _, name := range names {
		if !strings.Contains(got, ","+name+",") {
			t.Errorf("%s is not in %s", name, got)
		}
	}
}
