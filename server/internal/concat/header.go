package concat

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// What can be wrong with the request of a final upload, beyond what is wrong with
// its parts.
var (
	// ErrHeader means that Upload-Concat is not "final;" and URLs with single
	// spaces in between.
	ErrHeader = handler.NewError("ERR_INVALID_CONCAT", `Upload-Concat is neither "partial" nor "final;" and the URLs of the parts, with one space in between`, http.StatusBadRequest)
	// ErrForeign means that a part is not an upload of this server.
	ErrForeign = handler.NewError("ERR_PART_FOREIGN", "the URL of a part is not that of an upload of this server", http.StatusBadRequest)
	// ErrLength means that there is a length, which follows from the parts.
	ErrLength = handler.NewError("ERR_FINAL_WITH_LENGTH", "the length of a final upload is that of its parts: leave Upload-Length and Upload-Defer-Length out", http.StatusBadRequest)
	// ErrContent means that there are bytes, which come from the parts.
	ErrContent = handler.NewError("ERR_FINAL_WITH_CONTENT", "the bytes of a final upload are those of its parts: send none", http.StatusBadRequest)
)

// prefix is how the Upload-Concat of a final upload begins.
const prefix = "final;"

// Parse returns the ids of the uploads that an Upload-Concat header names as the
// parts of a final upload: "final;" and URLs with single spaces in between. Each
// is the URL of an upload under base, or relative to it, or begins with public,
// which may be empty, and the path of base. Its errors are [ErrHeader] and
// [ErrForeign]. Whether there are such uploads is not looked at.
//
// See tus 1.0.0, "Upload-Concat".
func Parse(header string, base *url.URL, public string) (ids []string, err error) {
	list, found := strings.CutPrefix(header, prefix)
	if !found {
		return nil, ErrHeader
	}
	for ref := range strings.SplitSeq(list, " ") {
		if ref == "" {
			return nil, ErrHeader
		}
		id, err := partID(ref, base, public)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// partID returns the id of the upload that ref, an absolute or relative URL, is
// the URL of.
func partID(ref string, base *url.URL, public string) (string, error) {
	if rest, known := strings.CutPrefix(ref, public+base.Path); known && public != "" {
		ref = base.Path + rest
	}
	u, err := url.Parse(ref)
	if err != nil {
		return "", ErrHeader
	}
	u = base.ResolveReference(u)
	id, under := strings.CutPrefix(u.EscapedPath(), base.Path)
	web := u.Scheme == "http" || u.Scheme == "https"
	if !under || !web || !sameHost(u, base) || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", ErrForeign
	}
	return id, nil
}

// sameHost compares hosts. A proxy that ends TLS leaves its scheme, and with it
// the port that goes without saying, unknown.
func sameHost(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "80" && p != "443" {
			return p
		}
		return ""
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}
