package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// A file is one file of the page in the forms in which it is sent.
type file struct {
	contentType  string
	cacheControl string
	plain        variant
	gzip         variant        // zero where compression gains nothing
	brotli       func() variant // made when it is first asked for: a tenth less, for a tenth of a second
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
	z, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // fails only for unknown levels
	if packed := compress(z, body); len(packed) < len(body)*9/10 {
		f.gzip = variant{packed, `"` + tag + `-gzip"`}
	}
	f.brotli = sync.OnceValue(func() variant {
		return variant{compress(brotli.NewWriterLevel(nil, brotli.BestCompression), body), `"` + tag + `-br"`}
	})
	return f
}

// A compressor is a gzip.Writer or a brotli.Writer.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

func compress(z compressor, body []byte) []byte {
	var b bytes.Buffer
	z.Reset(&b)
	z.Write(body) // a bytes.Buffer takes everything
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
		switch asked := r.Header.Values("Accept-Encoding"); {
		case accepts(asked, "br"):
			h.Set("Content-Encoding", "br")
			v = f.brotli()
		case accepts(asked, "gzip"), accepts(asked, "x-gzip"):
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
