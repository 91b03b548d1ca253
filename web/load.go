package web

import (
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"path"
	"strings"
)

const (
	// The names of assets hold a hash of their content, so a name never changes its meaning.
	forever = "public, max-age=31536000, immutable"
	// The page names the assets, so it has to be asked for anew each time; its tag makes that cheap.
	askFirst = "no-cache"
)

// contentTypes knows every kind of file that the build makes. The system's own
// table differs between machines.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".md":          "text/plain; charset=utf-8", // browsers show plain text and save Markdown
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".webmanifest": "application/manifest+json",
}

// load reads the embedded build and returns its files by request path.
func load(endpoint string) map[string]*file {
	files := map[string]*file{}
	root, err := fs.Sub(dist, "dist")
	if err == nil {
		err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return add(files, root, name, endpoint)
		})
	}
	if err != nil {
		panic(fmt.Sprintf("web: embedded page: %v", err))
	}
	return files
}

func add(files map[string]*file, root fs.FS, name, endpoint string) error {
	body, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	contentType := contentTypes[path.Ext(name)]
	switch {
	case contentType == "":
		return fmt.Errorf("no content type for %s", name)
	case name == "index.html":
		files["/"] = newFile(contentType, askFirst, withEndpoint(body, endpoint))
	case strings.HasPrefix(name, "assets/"):
		files["/"+name] = newFile(contentType, forever, body)
	default:
		files["/"+name] = newFile(contentType, askFirst, body)
	}
	return nil
}

// placeholder is the element of the built page that carries the endpoint.
const placeholder = `<meta name="longhaul-endpoint" content="files/">`

// withEndpoint tells the page its endpoint, relative to the page and escaped
// first as a URL, then as HTML.
func withEndpoint(page []byte, endpoint string) []byte {
	relative := (&url.URL{Path: strings.TrimLeft(endpoint, "/")}).String()
	if relative == "" {
		relative = "./"
	}
	meta := `<meta name="longhaul-endpoint" content="` + html.EscapeString(relative) + `">`
	return []byte(strings.Replace(string(page), placeholder, meta, 1))
}
