package filestore

import (
	"context"

	"github.com/longhaul-io/longhaul/server/internal/digest"
)

// Wish is what a creation wants and announces of the digests of its upload.
type Wish struct {
	// SHA256 says that the SHA-256 is wanted beside the CRC-32C.
	SHA256 bool
	// Announced is what the whole file is said to have. The upload is rejected if
	// it turns out to be another one.
	Announced digest.Sums
}

type wishKey struct{}

// WithWish returns a context under which [Store.NewUpload] does what w says.
func WithWish(ctx context.Context, w Wish) context.Context {
	return context.WithValue(ctx, wishKey{}, w)
}

func wishOf(ctx context.Context) Wish {
	w, _ := ctx.Value(wishKey{}).(Wish)
	return w
}
