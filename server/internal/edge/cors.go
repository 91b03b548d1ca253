package edge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// CORS says which pages may use a server from a browser.
type CORS struct {
	// Origins are the origins whose pages may, each exactly as a browser sends it,
	// for example "https://app.example". None means that only pages of the server
	// itself may.
	Origins []string
	// Methods and Headers are what their requests may have.
	Methods, Headers []string
	// Exposed are the headers of answers that they may read.
	Exposed []string
}

// ValidOrigin reports whether origin is written as a browser sends it.
func ValidOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && origin == u.Scheme+"://"+strings.ToLower(u.Host) &&
		(u.Scheme == "https" && u.Port() != "443" || u.Scheme == "http" && u.Port() != "80")
}

// Middleware adds to each answer what a browser asks for before it lets a page of
// another origin see it, and answers preflights itself: those come without
// credentials. It must come before everything that may answer.
//
// See https://fetch.spec.whatwg.org/#http-cors-protocol.
func (c CORS) Middleware(next http.Handler) http.Handler {
	for _, origin := range c.Origins {
		if !ValidOrigin(origin) {
			panic("edge: no origin: " + origin)
		}
	}
	if len(c.Origins) == 0 {
		return next
	}
	methods, headers, exposed := strings.Join(c.Methods, ", "), strings.Join(c.Headers, ", "), strings.Join(c.Exposed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(c.Origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", headers)
			h.Set("Access-Control-Max-Age", "7200") // as long as browsers keep it
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("Access-Control-Expose-Headers", exposed)
		next.ServeHTTP(w, r)
	})
}
