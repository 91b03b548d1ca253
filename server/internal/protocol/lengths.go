package protocol

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// checkCreation checks the headers of a POST (tus 1.0.0, "Creation"). What a final
// upload needs, package concat knows.
func checkCreation(r *http.Request) error {
	if err := checkMetadata(r.Header.Get("Upload-Metadata")); err != nil {
		return err
	}
	concat := r.Header.Get("Upload-Concat")
	if strings.HasPrefix(concat, "final") {
		return nil
	}
	length, deferred := r.Header.Get("Upload-Length"), r.Header.Get("Upload-Defer-Length")
	switch {
	case concat != "" && concat != "partial":
		return handler.ErrInvalidConcat
	case length != "" && deferred != "":
		return handler.ErrUploadLengthAndUploadDeferLength
	case deferred != "" && deferred != handler.UploadLengthDeferred:
		return handler.ErrInvalidUploadDeferLength
	case deferred == "":
		if _, err := checkInteger(r, "Upload-Length", handler.ErrInvalidUploadLength); err != nil {
			return err
		}
	}
	if r.ContentLength == 0 {
		r.Header.Del("Content-Type") // some clients always send one
		return nil
	}
	return checkContentType(r)
}

// checkAppend checks the headers of a PATCH (tus 1.0.0, "PATCH").
func checkAppend(r *http.Request) error {
	if err := checkContentType(r); err != nil {
		return err
	}
	if _, err := checkInteger(r, "Upload-Offset", handler.ErrInvalidOffset); err != nil {
		return err
	}
	if r.Header.Get("Upload-Length") == "" {
		return nil
	}
	_, err := checkInteger(r, "Upload-Length", handler.ErrInvalidUploadLength)
	return err
}

// checkInteger returns the integer in the header called name, and leaves it there
// in a form that any parser reads.
func checkInteger(r *http.Request, name string, wrong handler.Error) (int64, error) {
	n, err := parseInteger(r.Header.Get(name))
	if err != nil {
		return 0, wrong
	}
	r.Header.Set(name, strconv.FormatInt(n, 10))
	return n, nil
}

// integerOf returns the integer in a header that was checked, or none if the
// header is missing.
func integerOf(r *http.Request, name string, none int64) int64 {
	if n, err := parseInteger(r.Header.Get(name)); err == nil {
		return n
	}
	return none
}
