package concat

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var base = &url.URL{Scheme: "http", Host: "example.com:8080", Path: "/files/"}

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		header string
		want   []string
		err    error
	}{
		"one":               {"final;/files/a", []string{"a"}, nil},
		"in their order":    {"final;/files/b /files/a", []string{"b", "a"}, nil},
		"absolute":          {"final;http://example.com:8080/files/a", []string{"a"}, nil},
		"behind TLS":        {"final;https://example.com:8080/files/a", []string{"a"}, nil},
		"public":            {"final;https://public.example/in/files/a", []string{"a"}, nil},
		"nearly public":     {"final;https://public.example/into/files/a", nil, ErrForeign},
		"host in capitals":  {"final;http://EXAMPLE.com:8080/files/a", []string{"a"}, nil},
		"relative to base":  {"final;a ./b ../files/c", []string{"a", "b", "c"}, nil},
		"without a scheme":  {"final;//example.com:8080/files/a", []string{"a"}, nil},
		"odd ids pass":      {"final;/files/a%2fb /files/", []string{"a%2fb", ""}, nil},
		"no parts":          {"final;", nil, ErrHeader},
		"no semicolon":      {"final", nil, ErrHeader},
		"space before":      {"final; /files/a", nil, ErrHeader},
		"two spaces":        {"final;/files/a  /files/b", nil, ErrHeader},
		"space after":       {"final;/files/a ", nil, ErrHeader},
		"capitals":          {"Final;/files/a", nil, ErrHeader},
		"no URL":            {"final;/files/%zz", nil, ErrHeader},
		"other host":        {"final;http://evil.example/files/a", nil, ErrForeign},
		"other port":        {"final;http://example.com:9090/files/a", nil, ErrForeign},
		"host as user":      {"final;http://example.com:8080@evil.example/files/a", nil, ErrForeign},
		"user":              {"final;http://me@example.com:8080/files/a", nil, ErrForeign},
		"other scheme":      {"final;file://example.com:8080/files/a", nil, ErrForeign},
		"opaque":            {"final;mailto:a", nil, ErrForeign},
		"other path":        {"final;/other/a", nil, ErrForeign},
		"up and out":        {"final;/files/../other/a", nil, ErrForeign},
		"query":             {"final;/files/a?b", nil, ErrForeign},
		"empty query":       {"final;/files/a?", nil, ErrForeign},
		"fragment":          {"final;/files/a#b", nil, ErrForeign},
		"base inside":       {"final;http://example.com:8080/x/files/a", nil, ErrForeign},
		"second is foreign": {"final;/files/a http://evil.example/files/b", nil, ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tt.header, base, "https://public.example/in")
			if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
				t.Errorf("Parse(%q) = %q, %v; want %q, %v", tt.header, got, err, tt.want, tt.err)
			}
		})
	}
}

// The port that a scheme stands for goes without saying, also behind a proxy that
// ends TLS.
func TestDefaultPort(t *testing.T) {
	plain := &url.URL{Scheme: "http", Host: "example.com", Path: "/files/"}
	for _, ref := range []string{"http://example.com/files/a", "http://example.com:80/files/a", "https://example.com/files/a", "https://example.com:443/files/a"} {
		if got, err := Parse("final;"+ref, plain, ""); err != nil || !slices.Equal(got, []string{"a"}) {
			t.Errorf("Parse(%q) = %q, %v", ref, got, err)
		}
	}
}

// Whatever is taken for an id comes from a URL under the base, and as many come
// out as stand there.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"final;/files/a /files/b", "final;http://example.com:8080/files/a", "final;a", "partial", "final;//x/files/a", "final;/files/a?b#c", "final;\x00", "final;http://[::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		ids, err := Parse(header, base, "")
		if err != nil {
			if !errors.Is(err, ErrHeader) && !errors.Is(err, ErrForeign) {
				t.Errorf("error %v", err)
			}
			return
		}
		if want := strings.Count(header, " ") + 1; len(ids) != want {
			t.Errorf("%d ids from %d URLs", len(ids), want)
		}
		for _, id := range ids {
			if strings.ContainsAny(id, " ?#") {
				t.Errorf("id %q", id)
			}
		}
	})
}
