package edge

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCORS(t *testing.T) {
	refused := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	h := CORS{
		Origins: []string{"https://app.example", "http://localhost:5173"}, Methods: []string{"PATCH"},
		Headers: []string{"Upload-Offset"}, Exposed: []string{"Location"},
	}.Middleware(refused)
	for name, c := range map[string]struct {
		origin, preflight string
		status            int
		allowed           bool
	}{
		"listed":                {"https://app.example", "", 401, true},
		"second":                {"http://localhost:5173", "", 401, true},
		"preflight":             {"https://app.example", "PATCH", 204, true},
		"another":               {"https://evil.example", "", 401, false},
		"preflight of another":  {"https://evil.example", "PATCH", 401, false},
		"begins with a listed":  {"https://app.example.evil.example", "", 401, false},
		"ends with a listed":    {"https://evil-app.example", "", 401, false},
		"a dot for any letter":  {"https://appxexample", "", 401, false},
		"another scheme":        {"http://app.example", "", 401, false},
		"another port":          {"https://app.example:8443", "", 401, false},
		"null":                  {"null", "", 401, false},
		"none":                  {"", "", 401, false},
		"OPTIONS, no preflight": {"https://app.example", "-", 401, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/files/", nil)
			if c.preflight != "" {
				r.Method = "OPTIONS"
			}
			if len(c.preflight) > 1 {
				r.Header.Set("Access-Control-Request-Method", c.preflight)
			}
			r.Header.Set("Origin", c.origin)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			want := ""
			if c.allowed {
				want = c.origin
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != c.status || got != want || w.Header().Get("Vary") != "Origin" {
				t.Errorf("got %d, origin %q, Vary %q; want %d, %q", w.Code, got, w.Header().Get("Vary"), c.status, want)
			}
			if got := w.Header().Get("Access-Control-Allow-Headers") != ""; got != (c.status == 204) {
				t.Errorf("allowed headers: %v", got)
			}
			if got := w.Header().Get("Access-Control-Expose-Headers") != ""; got != (c.allowed && c.status != 204) {
				t.Errorf("exposed headers: %v", got)
			}
		})
	}
}

func TestValidOrigin(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://app.example": true, "http://localhost:5173": true, "https://[::1]:8443": true,
		"": false, "*": false, "null": false, "app.example": false, "https://app.example/": false, "https://App.example": false,
		"https://app.example:443": false, "http://app.example:80": false, "ftp://app.example": false, "https://*.example/x": false,
	} {
		if got := ValidOrigin(origin); got != want {
			t.Errorf("%q: %v, want %v", origin, got, want)
		}
	}
}
