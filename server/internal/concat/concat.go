// Package concat creates final uploads, which are made of partial ones (tus
// 1.0.0, "Concatenation").
//
// tusd's handler does not do it: it takes complete parts only, looks at nothing
// but their ids, and cannot tell a request that is repeated from a new one.
package concat

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/protocol"
)

// Store is where uploads are kept. *filestore.Store says what its NewUpload does
// with a final upload.
type Store interface {
	NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error)
}

// Handler answers a POST that creates a final upload: 201 with its Location as
// soon as the list of its parts is on disk, however large they are, and the same
// 201 when it is repeated. Everything that is wrong with the request is an error
// of its own, and then nothing is created. Other requests go on to next.
//
// base is the URL path of the uploads, which begins and ends with a slash, and
// public what stands before it in the URLs by which others know them, or empty.
func Handler(store Store, locker handler.Locker, base, public string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Upload-Concat"), "final") {
			next.ServeHTTP(w, r)
			return
		}
		info, err := request(r, base, public)
		if err == nil {
			info, err = create(r.Context(), store, locker, info)
		}
		if err != nil {
			protocol.WriteError(w, err)
			return
		}
		w.Header().Set("Location", base+info.ID)
		w.Header().Set("Upload-Concat", r.Header.Get("Upload-Concat"))
		w.WriteHeader(http.StatusCreated)
	})
}

// create creates the final upload, or finds it. It waits for the lock of its id, so
// that none is made or found while a DELETE removes it, nor removed half-made: who
// repeats a request that the DELETE overtook wants it made again, not to hear of that.
func create(ctx context.Context, store Store, locker handler.Locker, info handler.FileInfo) (created handler.FileInfo, err error) {
	id, err := filestore.FinalID(info.PartialUploads)
	if err != nil {
		return created, err
	}
	lock, err := locker.NewLock(id)
	if err != nil {
		return created, err
	}
	if err := lock.Lock(ctx, func() {}); err != nil {
		return created, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	u, err := store.NewUpload(ctx, info)
	if err != nil {
		return created, err
	}
	return u.GetInfo(ctx)
}

// request returns what r asks to be created.
func request(r *http.Request, base, public string) (handler.FileInfo, error) {
	switch {
	case r.Header.Get("Upload-Length") != "", r.Header.Get("Upload-Defer-Length") != "":
		return handler.FileInfo{}, ErrLength
	case r.ContentLength != 0, r.Header.Get("Content-Type") == "application/offset+octet-stream":
		return handler.FileInfo{}, ErrContent
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	ids, err := Parse(r.Header.Get("Upload-Concat"), &url.URL{Scheme: scheme, Host: r.Host, Path: base}, public)
	return handler.FileInfo{
		IsFinal: true, PartialUploads: ids,
		MetaData: handler.ParseMetadataHeader(r.Header.Get("Upload-Metadata")),
	}, err
}
