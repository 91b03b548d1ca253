package download

import (
	"net/http"
	"strconv"
	"strings"
)

// tidyRange takes out of r's Range what names no byte of a file of the given size:
// its last 0 bytes, which are unsatisfiable (RFC 9110, section 14.1.2), and
// any range of an empty file. [http.ServeContent] would answer with parts that end
// before they begin.
func tidyRange(r *http.Request, size int64) {
	list, found := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if !found {
		return
	}
	if size == 0 {
		r.Header.Del("Range")
		return
	}
	var kept []string
	ranges := strings.Split(list, ",")
	for _, one := range ranges {
		if !lastNone(one) {
			kept = append(kept, one)
		}
	}
	switch {
	case len(kept) == len(ranges):
		return
	case strings.TrimSpace(strings.Join(kept, "")) == "":
		kept = []string{strconv.FormatInt(size, 10) + "-"} // unsatisfiable to ServeContent too
	}
	r.Header.Set("Range", "bytes="+strings.Join(kept, ","))
}

// lastNone reports whether one is a suffix range of no bytes, as "-0".
func lastNone(one string) bool {
	first, last, _ := strings.Cut(one, "-")
	n, err := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
	return strings.TrimSpace(first) == "" && err == nil && n == 0
}
