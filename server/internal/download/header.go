package download

import (
	"fmt"
	"mime"
	"net/http"
	"path"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/publish"
)

// describe says in h what the file is, to GET and HEAD alike.
func describe(h http.Header, info filestore.Info) {
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", fmt.Sprintf(`"%s-%08x"`, info.ID, info.CRC32C))
	if !info.Modified.IsZero() {
		h.Set("Last-Modified", info.Modified.UTC().Format(http.TimeFormat))
	}
	h.Set("Repr-Digest", digest.Format(info.CRC32C, info.SHA256))
	h.Set("Content-Type", contentType(info))
	h.Set("Content-Disposition", disposition(info))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
}

// inline holds the types that a browser may show in place. Everything else is
// offered for saving: a page or a drawing could run scripts in this origin.
var inline = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/avif": true, "image/bmp": true,
	"audio/mpeg": true, "audio/ogg": true, "audio/wav": true, "audio/webm": true, "audio/flac": true, "audio/mp4": true,
	"video/mp4": true, "video/ogg": true, "video/webm": true, "video/quicktime": true,
	"text/plain": true,
}

// contentType is what the uploader said, if it can be parsed.
func contentType(info filestore.Info) string {
	mediaType, params, err := mime.ParseMediaType(info.MetaData["filetype"])
	if err != nil {
		return "application/octet-stream"
	}
	return mime.FormatMediaType(mediaType, params)
}

// disposition names the file as RFC 6266 says, with filename* where the name
// is not ASCII.
func disposition(info filestore.Info) string {
	mediaType, _, _ := mime.ParseMediaType(info.MetaData["filetype"])
	kind := "attachment"
	if inline[mediaType] {
		kind = "inline"
	}
	return mime.FormatMediaType(kind, map[string]string{"filename": filename(info)})
}

// filename is the name of the published file, or what that would be if it were not
// called by its id.
func filename(info filestore.Info) string {
	if name := path.Base(info.Name); name != info.ID {
		return name
	}
	return path.Base(publish.Path(info.MetaData["filename"], info.MetaData["relativePath"], info.ID))
}
