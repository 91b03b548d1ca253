package edge

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestForwarded(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		from       string
		headers    map[string]string
		addr, host string
	}{
		"nothing said":       {"10.0.0.1:5", nil, "10.0.0.1:5", "inside"},
		"not trusted":        {"192.0.2.1:5", map[string]string{"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "evil.example", "Forwarded": "for=198.51.100.7;host=evil.example"}, "192.0.2.1:5", "inside"},
		"one proxy":          {"10.0.0.1:5", map[string]string{"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "files.example"}, "198.51.100.7:0", "files.example"},
		"forged before":      {"10.0.0.1:5", map[string]string{"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Host": "evil.example, files.example"}, "198.51.100.7:0", "files.example"},
		"two proxies":        {"10.0.0.1:5", map[string]string{"X-Forwarded-For": "198.51.100.7, 10.0.0.2"}, "198.51.100.7:0", "inside"},
		"standard":           {"10.0.0.1:5", map[string]string{"Forwarded": `for="[2001:db8::7]:4711";host="files.example:8443";proto=https`}, "[2001:db8::7]:0", "files.example:8443"},
		"forged standard":    {"10.0.0.1:5", map[string]string{"Forwarded": "for=203.0.113.9;host=evil.example", "X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "files.example"}, "10.0.0.1:5", "inside"},
		"forged host":        {"10.0.0.1:5", map[string]string{"Forwarded": "for=198.51.100.7;host=evil.example", "X-Forwarded-For": "198.51.100.7"}, "198.51.100.7:0", "inside"},
		"both":               {"10.0.0.1:5", map[string]string{"Forwarded": "For=198.51.100.7;host=files.example", "X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "files.example"}, "198.51.100.7:0", "files.example"},
		"standard, forged":   {"10.0.0.1:5", map[string]string{"Forwarded": "for=203.0.113.9;host=evil.example, for=198.51.100.7;host=files.example"}, "198.51.100.7:0", "files.example"},
		"standard, two":      {"10.0.0.1:5", map[string]string{"Forwarded": "for=198.51.100.7;host=files.example, for=10.0.0.2"}, "198.51.100.7:0", "files.example"},
		"hidden":             {"10.0.0.1:5", map[string]string{"Forwarded": "for=_secret;host=files.example"}, "10.0.0.1:5", "files.example"},
		"IPv4 in IPv6":       {"[::ffff:10.0.0.1]:5", map[string]string{"X-Forwarded-For": "198.51.100.7"}, "198.51.100.7:0", "inside"},
		"only proxies":       {"[fd00::1]:5", map[string]string{"X-Forwarded-For": "10.0.0.2"}, "10.0.0.2:0", "inside"},
		"nonsense":           {"10.0.0.1:5", map[string]string{"X-Forwarded-For": ", ,"}, "10.0.0.1:5", "inside"},
		"nonsense, standard": {"10.0.0.1:5", map[string]string{"Forwarded": ";;=,"}, "10.0.0.1:5", "inside"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/files/", nil)
			r.RemoteAddr, r.Host = c.from, "inside"
			for key, value := range c.headers {
				r.Header.Set(key, value)
			}
			Forwarded(trusted)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.RemoteAddr != c.addr || r.Host != c.host {
					t.Errorf("from %s for %s, want from %s for %s", r.RemoteAddr, r.Host, c.addr, c.host)
				}
				for name := range c.headers {
					if r.Header.Get(name) != "" {
						t.Errorf("%s is still there", name)
					}
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}

func FuzzForwarded(f *testing.F) {
	f.Add(`for="[2001:db8::7]:4711";host="files.example:8443";proto=https`, "203.0.113.9, 198.51.100.7")
	f.Add(`;;=,`, ", ,")
	f.Fuzz(func(t *testing.T, standard, list string) {
		for _, h := range []http.Header{{"Forwarded": {standard}}, {"X-Forwarded-For": {list}, "X-Forwarded-Host": {standard}}, {"Forwarded": {standard}, "X-Forwarded-For": {list}}, {}} {
			origin(h, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")})
		}
	})
}
