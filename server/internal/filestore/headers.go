package filestore

import (
	"context"
	"maps"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Headers are what the headers of a creation say that handler.FileInfo does not
// hold, or not to the byte.
type Headers struct {
	Metadata string // Upload-Metadata
	Concat   string // Upload-Concat
}

type headersKey struct{}

// WithHeaders returns a context under which [Store.NewUpload] keeps h with the
// upload. Without it the store makes up headers that mean the same.
func WithHeaders(ctx context.Context, h Headers) context.Context {
	return context.WithValue(ctx, headersKey{}, h)
}

// headersOf returns the headers of a creation. Metadata that somebody changed on
// its way from the header to info is info's.
func headersOf(ctx context.Context, info handler.FileInfo) Headers {
	h, _ := ctx.Value(headersKey{}).(Headers)
	if !maps.Equal(handler.ParseMetadataHeader(h.Metadata), info.MetaData) {
		h.Metadata = handler.SerializeMetadataHeader(info.MetaData)
	}
	switch {
	case info.IsFinal && !strings.HasPrefix(h.Concat, "final"):
		h.Concat = "final;" + strings.Join(info.PartialUploads, " ")
	case info.IsPartial:
		h.Concat = "partial"
	}
	return h
}
