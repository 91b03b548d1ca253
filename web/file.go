package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// A file is one file of the page in the forms in which it is sent.
type file struct {
	contentType  string
	cacheControl string
	plain        variant
	gzip         variant // zero where compression gains nothing
}

// A variant is one encoding of a file. Each has its own strong entity tag,
// because a strong tag names exact bytes (RFC 9110, section 8.8.3.3).
type variant struct {
	body []byte
	etag string
}

func newFile(contentType, cacheControl string, body []byte) *file {
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:12])
	f := &file{contentType: contentType, cacheControl: cacheControl}
	f.plain = variant{body, `"` + tag + `"`}
	if packed := compress(body); len(packed) < len(body)*9/10 {
		f.gzip = variant{packed, `"` + tag + `-gzip"`}
	}
	return f
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails only for unknown levels
	z.Write(body)                                         // a bytes.Buffer takes everything
	z.Close()
	return b.Bytes()
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cacheControl)
	v := f.plain
	if f.gzip.body != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			v = f.gzip
		}
	}
	h.Set("ETag", v.etag)
	if matches(r.Header.Values("If-None-Match"), v.etag) {
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(v.body)))
	if r.Method == http.MethodGet {
		w.Write(v.body) // an error means that nobody is left to tell
	}
}

// acceptsGzip reports whether the Accept-Encoding fields allow gzip, by name or
// by "*", with a weight that is not zero (RFC 9110, section 12.5.3).
func acceptsGzip(fields []string) bool {
	allowed, named := false, false
	for _, part := range strings.Split(strings.Join(fields, ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		switch coding = strings.ToLower(strings.TrimSpace(coding)); {
		case coding == "gzip" || coding == "x-gzip":
			allowed, named = !zeroWeight(weight), true
		case coding == "*" && !named:
			allowed = !zeroWeight(weight)
		}
	}
	return allowed
}

func zeroWeight(s string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(s), "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return ok && strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q == 0
}

// matches reports whether the If-None-Match fields name etag. The comparison is
// weak, as RFC 9110, section 13.1.2 asks; our tags hold no comma.
func matches(fields []string, etag string) bool {
	for _, part := range strings.Split(strings.Join(fields, ","), ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == etag {
			return true
		}
	}
	return false
}
