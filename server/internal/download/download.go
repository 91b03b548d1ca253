// Package download serves finished files. It takes no lock, so that readers
// disturb neither each other nor an upload.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
	"github.com/longhaul-io/longhaul/server/internal/publish"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// Store is where finished files come from.
type Store interface {
	Open(ctx context.Context, id string) (io.ReadSeekCloser, filestore.Info, error)
}

// Handler answers GET of the upload whose id is chi's URL parameter "id": 200,
// 206 or 304 with the file if it is finished, 409 if it is not, 404 if there is
// none, 410 if it expired or its file was moved away or changed, 422 if it is not
// the file that was announced.
//
// The 409 tells no offset: a commit may be under way that is not on disk yet,
// and only HEAD, which takes the lock, can wait for it.
func Handler(store Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, info, err := store.Open(r.Context(), chi.URLParam(r, "id"))
		if err != nil {
			refuse(w, err)
			return
		}
		defer f.Close()
		h := w.Header()
		h.Set("ETag", fmt.Sprintf(`"%s-%08x"`, info.ID, info.CRC32C))
		h.Set("Repr-Digest", digest.Format(info.CRC32C, info.SHA256))
		h.Set("Content-Type", contentType(info))
		h.Set("Content-Disposition", disposition(info))
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "private, no-cache")
		defer context.AfterFunc(r.Context(), func() {
			if context.Cause(r.Context()) == takeover.ErrStopping {
				hangUp(w)
			}
		})()
		tidyRange(r, info.Offset)
		http.ServeContent(w, r, "", info.Modified, f)
	})
}

// hangUp ends an answer that is being sent. A download can be resumed, so it need
// not keep a stopping server waiting.
func hangUp(w http.ResponseWriter) {
	// Without deadlines, on a writer that is not net/http's, the answer goes on.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now())
}

func refuse(w http.ResponseWriter, err error) {
	var known handler.Error
	if !errors.As(err, &known) {
		known = handler.NewError("ERR_INTERNAL_SERVER_ERROR", "the file cannot be read", http.StatusInternalServerError)
	}
	protocol.WriteError(w, known)
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
