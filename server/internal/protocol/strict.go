package protocol

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
)

// Store is what [Strict] asks about uploads.
type Store interface {
	// Lookup returns nil if there is an upload with that id, and else
	// filestore.ErrNotFound or filestore.ErrExpired.
	Lookup(ctx context.Context, id string) error
}

// Strict refuses what tus 1.0.0 does not allow, before anything is done: a method
// that the URL does not have, another version, headers that contradict
// themselves, are malformed or too large. What it lets through is in the one form
// that tusd's handler takes.
//
// A request for an upload that does not exist is told that rather than what else
// is wrong with it.
func Strict(basePath string, store Store) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, isUpload := idOf(r, basePath)
			err := check(r, isUpload)
			if isUpload && (strings.Contains(id, "/") || err != nil && worthLookingUp(err)) {
				if unknown := store.Lookup(r.Context(), id); unknown != nil {
					err = unknown
				}
			}
			if !refused(w, err) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// idOf returns the id in the URL of r. isUpload is false for the URL at which
// uploads are created.
func idOf(r *http.Request, basePath string) (id string, isUpload bool) {
	id, isUpload = strings.CutPrefix(r.URL.Path, basePath)
	return id, isUpload && id != ""
}

var errMethod = handler.NewError("ERR_METHOD_NOT_ALLOWED", "this URL does not have that method", http.StatusMethodNotAllowed)

// methods returns the methods of the URL of an upload, or of the one at which
// uploads are created.
func methods(isUpload bool) []string {
	if isUpload {
		return []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch}
	}
	return []string{http.MethodOptions, http.MethodPost}
}

// worthLookingUp reports whether err is about an upload that might not exist.
func worthLookingUp(err error) bool {
	return !errors.Is(err, errMethod) && !errors.Is(err, handler.ErrUnsupportedVersion)
}

func check(r *http.Request, isUpload bool) error {
	if !slices.Contains(methods(isUpload), r.Method) {
		return errMethod
	}
	if r.Method == http.MethodOptions {
		return nil // whatever it carries does not count
	}
	for _, rule := range []func(*http.Request) error{checkSizes, checkRepeated, checkVersion} {
		if err := rule(r); err != nil {
			return err
		}
	}
	switch r.Method {
	case http.MethodPost:
		return checkCreation(r)
	case http.MethodPatch:
		return checkAppend(r)
	}
	return nil
}

// checkVersion holds the version that a request is in against ours. Browsers
// that follow a link send none with GET.
func checkVersion(r *http.Request) error {
	given, optional := r.Header.Get("Tus-Resumable"), r.Method == http.MethodGet || r.Method == http.MethodHead
	if given == version || given == "" && optional {
		return nil
	}
	return handler.ErrUnsupportedVersion
}

var _ Store = (*filestore.Store)(nil)
