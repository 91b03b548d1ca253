package protocol

import (
	"fmt"
	"mime"
	"net/http"
	"slices"

	"github.com/tus/tusd/v2/pkg/handler"
)

// How large headers may be, in bytes. A final upload names its parts in one, so
// that one may be large; the rest is kept with every upload.
const (
	// MaxHeaderBytes is enough for all of them; net/http cuts off what is more.
	MaxHeaderBytes = maxConcat + maxHeaders + 64<<10

	maxConcat   = 1 << 20
	maxMetadata = 32 << 10
	maxHeaders  = 64 << 10 // all but Upload-Concat
)

var errHeadersTooLarge = handler.NewError("ERR_HEADERS_TOO_LARGE",
	fmt.Sprintf("Upload-Metadata has more than %d bytes, Upload-Concat more than %d, or all other headers more than %d", maxMetadata, maxConcat, maxHeaders),
	http.StatusRequestHeaderFieldsTooLarge)

// checkSizes bounds what a request makes the server keep.
func checkSizes(r *http.Request) error {
	sizes := map[string]int{}
	all := 0
	for name, values := range r.Header {
		for _, value := range values {
			sizes[name] += len(name) + len(value)
			all += len(name) + len(value)
		}
	}
	if sizes["Upload-Metadata"] > maxMetadata || sizes["Upload-Concat"] > maxConcat || all-sizes["Upload-Concat"] > maxHeaders {
		return errHeadersTooLarge
	}
	return nil
}

// single holds the headers of which a request has one value.
var single = []string{
	"Content-Type", "Tus-Resumable", "Upload-Checksum", "Upload-Concat", "Upload-Defer-Length", "Upload-Length", "Upload-Metadata", "Upload-Offset",
	"X-Http-Method-Override",
}

// checkRepeated refuses a header that contradicts itself: one reader on the way
// would believe the first value, another one the last. Equal values become one.
func checkRepeated(r *http.Request) error {
	for _, name := range single {
		values := slices.Compact(r.Header[name])
		if len(values) > 1 {
			return handler.NewError("ERR_CONTRADICTORY_HEADER", name+" is there more than once, with different values", http.StatusBadRequest)
		}
		if values != nil {
			r.Header[name] = values
		}
	}
	return nil
}

const chunkType = "application/offset+octet-stream"

var errContentType = handler.NewError("ERR_INVALID_CONTENT_TYPE", "a body must have Content-Type "+chunkType, http.StatusUnsupportedMediaType)

// checkContentType wants the type of tus, written in whatever way is the same to
// HTTP, and leaves it in the way that tusd's handler knows.
func checkContentType(r *http.Request) error {
	given := r.Header.Get("Content-Type")
	if given == chunkType {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(given); err != nil || kind != chunkType {
		return errContentType
	}
	r.Header.Set("Content-Type", chunkType)
	return nil
}
