package web

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// ask sends one request to a page whose endpoint is /files/. fields are name, value pairs.
func ask(t *testing.T, method, target string, fields ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	Handler("/files/").ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// asset returns the request path of the embedded asset with this extension.
func asset(t *testing.T, ext string) string {
	t.Helper()
	names, err := fs.Glob(dist, "dist/assets/*"+ext)
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in dist/assets (%v)", ext, err)
	}
	return "/assets/" + path.Base(names[0])
}

func TestPage(t *testing.T) {
	res := ask(t, "GET", "/")
	if res.StatusCode != 200 {
		t.Fatalf("status %d, want 200", res.StatusCode)
	}
	for name, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Cache-Control":           "no-cache",
		"Content-Security-Policy": policy,
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Vary":                    "Accept-Encoding",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if etag := res.Header.Get("ETag"); !strings.HasPrefix(etag, `"`) {
		t.Errorf("ETag %s is not strong", etag)
	}
	if got := body(t, res.Body); !strings.Contains(got, placeholder) {
		t.Errorf("page does not tell the endpoint:\n%s", got)
	}
}

func TestEndpointIsRelativeAndEscaped(t *testing.T) {
	for endpoint, want := range map[string]string{
		"/files/":        `content="files/"`,
		"/up/load/":      `content="up/load/"`,
		"/":              `content="./"`,
		"/a:b/":          `content="./a:b/"`,
		"/a b/":          `content="a%20b/"`,
		`/"><script>&'/`: `content="%22%3E%3Cscript%3E&amp;%27/"`,
	} {
		w := httptest.NewRecorder()
		Handler(endpoint).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Body.String(); !strings.Contains(got, `name="longhaul-endpoint" `+want) {
			t.Errorf("endpoint %s: no %s in\n%s", endpoint, want, got)
		}
	}
}

func TestEndpointChangesTheTag(t *testing.T) {
	one, two := httptest.NewRecorder(), httptest.NewRecorder()
	Handler("/files/").ServeHTTP(one, httptest.NewRequest("GET", "/", nil))
	Handler("/other/").ServeHTTP(two, httptest.NewRequest("GET", "/", nil))
	if a, b := one.Header().Get("ETag"), two.Header().Get("ETag"); a == b {
		t.Errorf("two pages share the tag %s", a)
	}
}

func TestAssetsAreImmutable(t *testing.T) {
	for _, ext := range []string{".js", ".css", ".svg"} {
		res := ask(t, "GET", asset(t, ext))
		if res.StatusCode != 200 {
			t.Errorf("%s: status %d, want 200", ext, res.StatusCode)
		}
		if got := res.Header.Get("Cache-Control"); got != forever {
			t.Errorf("%s: Cache-Control %q, want %q", ext, got, forever)
		}
		if got := res.Header.Get("Content-Type"); got != contentTypes[ext] {
			t.Errorf("%s: Content-Type %q, want %q", ext, got, contentTypes[ext])
		}
	}
}

func TestLicencesAreServed(t *testing.T) {
	res := ask(t, "GET", "/licenses.md")
	if got := body(t, res.Body); !strings.Contains(got, "preact") {
		t.Errorf("status %d, no notice of preact in %d bytes", res.StatusCode, len(got))
	}
}

func TestEncodings(t *testing.T) {
	for accept, want := range map[string]string{
		"":                       "",
		"gzip":                   "gzip",
		"deflate, GZIP;q=0.5":    "gzip",
		"x-gzip":                 "gzip",
		"gzip;q=0":               "",
		"gzip; q=0.000, deflate": "",
		"gzip, deflate, br":      "br",
		"BR;q=0.1, gzip":         "br",
		"br;q=0, gzip":           "gzip",
		"*":                      "br",
		"br;q=0, *":              "gzip",
		"*;q=0":                  "",
		"identity":               "",
	} {
		res := ask(t, "GET", asset(t, ".js"), "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
		if got := res.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary %q", accept, got)
		}
	}
}

func TestEncodingsHoldTheSameBytes(t *testing.T) {
	plain := ask(t, "GET", asset(t, ".js"))
	want, tags := body(t, plain.Body), map[string]bool{plain.Header.Get("ETag"): true}
	for coding, open := range map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		packed := ask(t, "GET", asset(t, ".js"), "Accept-Encoding", coding)
		z, err := open(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body(t, z) != want {
			t.Errorf("the %s body is another file", coding)
		}
		if tag := packed.Header.Get("ETag"); tags[tag] {
			t.Errorf("two encodings share the strong tag %s", tag)
		}
		tags[packed.Header.Get("ETag")] = true
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	for _, target := range []string{"/", asset(t, ".js"), "/licenses.md"} {
		get, head := ask(t, "GET", target), ask(t, "HEAD", target)
		if head.StatusCode != 200 || body(t, head.Body) != "" {
			t.Errorf("HEAD %s: status %d or a body", target, head.StatusCode)
		}
		for _, name := range []string{"Content-Length", "Content-Type", "ETag", "Cache-Control"} {
			if g, h := get.Header.Get(name), head.Header.Get(name); g != h || g == "" {
				t.Errorf("%s: %s %q by GET, %q by HEAD", target, name, g, h)
			}
		}
	}
}

func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	for _, encoding := range []string{"identity", "gzip", "br"} {
		etag := ask(t, "GET", "/", "Accept-Encoding", encoding).Header.Get("ETag")
		for held, want := range map[string]int{
			etag:               304,
			"W/" + etag:        304,
			`"other", ` + etag: 304,
			"*":                304,
			`"other"`:          200,
		} {
			res := ask(t, "GET", "/", "Accept-Encoding", encoding, "If-None-Match", held)
			if res.StatusCode != want {
				t.Errorf("%s, If-None-Match %s: %d, want %d", encoding, held, res.StatusCode, want)
			}
			if res.Header.Get("ETag") != etag {
				t.Errorf("%s: tag %q, want %q", encoding, res.Header.Get("ETag"), etag)
			}
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	for _, target := range []string{"/index.html", "/assets/", "/assets/none.js", "/dist/index.html", "/x"} {
		if res := ask(t, "GET", target); res.StatusCode != 404 {
			t.Errorf("GET %s: %d, want 404", target, res.StatusCode)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		res := ask(t, method, "/")
		if res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s /: %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
		if res.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s /: answer without the policy", method)
		}
	}
}

// The whole first load has to stay small on a phone's link.
func TestScriptsOfTheFirstLoadStaySmall(t *testing.T) {
	files := load("/files/")
	loaded := map[string]bool{}
	follow(t, files, loaded, "/", script)
	sum := 0
	for name := range loaded {
		sum += cmp.Or(len(files[name].gzip.body), len(files[name].plain.body))
	}
	if sum == 0 || sum > 40_000 {
		t.Errorf("%d bytes of compressed scripts, want 1 to 40,000", sum)
	}
}

var (
	script = regexp.MustCompile(`<script [^>]*src="([^"]+\.js)"`)
	// What a module imports at once; import(...) waits until it is needed.
	imported = regexp.MustCompile(`(?:import|from)\s*"([^"]+\.js)"`)
)

// follow adds to loaded the scripts that the file at name loads at once.
func follow(t *testing.T, files map[string]*file, loaded map[string]bool, name string, refers *regexp.Regexp) {
	t.Helper()
	for _, found := range refers.FindAllSubmatch(files[name].plain.body, -1) {
		target := path.Join(path.Dir(name), string(found[1]))
		switch {
		case loaded[target]:
		case files[target] == nil:
			t.Errorf("%s loads %s, which is not there", name, target)
		default:
			loaded[target] = true
			follow(t, files, loaded, target, imported)
		}
	}
}

func TestManifestNamesWhatIsThere(t *testing.T) {
	res := ask(t, "GET", "/manifest.webmanifest")
	if got := res.Header.Get("Content-Type"); got != "application/manifest+json" {
		t.Errorf("Content-Type %q", got)
	}
	var manifest struct{ Icons []struct{ Src, Type string } }
	if err := json.Unmarshal([]byte(body(t, res.Body)), &manifest); err != nil || len(manifest.Icons) == 0 {
		t.Fatalf("%v, %d icons", err, len(manifest.Icons))
	}
	for _, icon := range manifest.Icons {
		res := ask(t, "GET", "/"+icon.Src)
		if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != icon.Type {
			t.Errorf("%s: %d %q, want 200 %q", icon.Src, res.StatusCode, got, icon.Type)
		}
	}
}
