// Package web is Longhaul's upload page: Handler serves it whole, from memory.
//
// The page is a small Preact program in src/, built by Vite into dist/, which is
// committed and embedded, so that a Go program shows the page without Node at
// hand. "npm ci && npm run build" in this directory makes dist/ anew, byte for
// byte the same on every machine.
//
// The page talks to the tus endpoint that Handler is told and to nothing else:
// its content security policy forbids other hosts, inline code and unsafe DOM
// sinks. It may stand below any path of a reverse proxy, because it knows its
// own parts and the endpoint only relative to itself.
package web

import (
	"embed"
	"net/http"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets the page load its own files and send to its own host, no more.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'"

// Handler serves the upload page at "/", its hashed parts below "/assets/" and
// the notices of the libraries it contains at "/licenses.md". Any other path is
// 404, any method but GET and HEAD 405. "/widget.js" brings the page to other
// people's pages, as the element <longhaul-upload>.
//
// endpoint is the absolute path of the tus endpoint beside the page, unescaped
// and ending in a slash, e.g. "/files/". The page is told it relative to itself,
// so a proxy may serve both from below a path of its own.
//
// The handler is made once at start (files are compressed then) and is safe for
// concurrent use. It panics if the embedded build holds a file of unknown type,
// which the package's tests rule out.
func Handler(endpoint string) http.Handler {
	files := load(endpoint)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if strings.HasSuffix(r.URL.Path, ".js") {
			// Other people's pages load the element by widget.js; scripts hold no secrets.
			h.Set("Access-Control-Allow-Origin", "*")
		}
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r)
	})
}
