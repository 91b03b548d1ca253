package protocol

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// What is taken as metadata has as many pairs for tusd's parser as stand there,
// so that none is lost on the way.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		"", "key", "key ", "key dmFs", "filename YS5iaW4=,filetype dGV4dC9wbGFpbg==", "a YQ== , b Yg==", "a  YQ==", "a YQ==,a Yg==", ",", "a YQ==,", " YQ==", "a Y$==", "ä YQ==", "a\tb", "a YQ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		header = strings.Trim(header, " \t") // as HTTP does
		if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r > 0x7e }) {
			return // net/http refuses control characters; spaces beyond ASCII are none to us
		}
		err := checkMetadata(header)
		var refusal handler.Error
		switch {
		case err == nil && header != "" && len(handler.ParseMetadataHeader(header)) != strings.Count(header, ",")+1:
			t.Errorf("%q is read as %q", header, handler.ParseMetadataHeader(header))
		case err != nil && (!errors.As(err, &refusal) || refusal.HTTPResponse.StatusCode != http.StatusBadRequest || strings.Contains(refusal.Message, "\n")):
			t.Errorf("%q: %v", header, err)
		}
	})
}

// What is taken as an integer is one for any parser, or larger than all.
func FuzzInteger(f *testing.F) {
	for _, seed := range []string{"", "0", "5", "007", "+5", "-1", "1e3", "0x10", " 5", "5 ", "9223372036854775807", "9223372036854775808", "99999999999999999999", "٥"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseInteger(s)
		if err != nil {
			return
		}
		want, wantErr := strconv.ParseUint(s, 10, 64)
		if wantErr == nil && want <= 1<<63-1 && uint64(n) != want || wantErr != nil && !errors.Is(wantErr, strconv.ErrRange) || n < 0 {
			t.Errorf("%q is %d", s, n)
		}
	})
}

// Whatever Accept says, it is only read.
func FuzzAccept(f *testing.F) {
	f.Add("application/problem+json")
	f.Add("text/html, application/json;q=0.0")
	f.Add(`application/json;q="`)
	f.Fuzz(func(t *testing.T, accept string) {
		if wantsProblem([]string{accept}) && !strings.Contains(strings.ToLower(accept), "json") {
			t.Errorf("%q asks for JSON", accept)
		}
	})
}

// An id is what the path has behind the base path, and an upload has one.
func FuzzID(f *testing.F) {
	for _, seed := range []string{"/files/", "/files", "/files/a", "/files/a/", "/files//", "/files/../x", "/files/a%2fb", "/", "/filesystem"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		id, isUpload := idOf(r, "/files/")
		if isUpload && (id == "" || path != "/files/"+id) {
			t.Errorf("%q has id %q", path, id)
		}
	})
}
