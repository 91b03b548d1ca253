package protocol

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Guard returns a store that looks at an upload before a PATCH changes it, when
// it is locked and what is known of it is true, and refuses a PATCH that does not
// fit: content for an upload that has all of it, another length than the one it
// has, another offset. It remembers what a POST creates, for [Creation].
//
// The request must have come through [Limit].
func Guard(store handler.DataStore) handler.DataStore { return guard{store} }

type guard struct{ handler.DataStore }

// NewUpload implements handler.DataStore.
func (g guard) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	u, err := g.DataStore.NewUpload(ctx, info)
	if err != nil {
		return nil, err
	}
	if c, ok := ctx.Value(creationKey{}).(*creation); ok {
		info, err := u.GetInfo(ctx)
		c.id = info.ID
		return u, err
	}
	return u, nil
}

// GetUpload implements handler.DataStore.
func (g guard) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	u, err := g.DataStore.GetUpload(ctx, id)
	a, ok := ctx.Value(appendingKey{}).(*appending)
	if err != nil || !ok {
		return u, err
	}
	info, err := u.GetInfo(ctx)
	if err == nil {
		err = a.check(info)
	}
	return u, err
}

type appendingKey struct{}

// appending is what a PATCH is about to do.
type appending struct {
	header        http.Header
	offset        int64
	contentLength int64 // -1 if it was not announced
	maxSize       int64
	body          *bounded
}

var errLengthChanged = handler.NewError("ERR_INVALID_UPLOAD_LENGTH", "the upload has another Upload-Length, which never changes", http.StatusBadRequest)

// check compares the PATCH with the upload that it is for, and leaves in its body
// as much room as the upload has.
func (a *appending) check(info handler.FileInfo) error {
	if info.IsFinal {
		return nil // refused as a whole by tusd's handler
	}
	if a.offset != info.Offset {
		err := handler.ErrMismatchOffset
		err.HTTPResponse = err.HTTPResponse.MergeWith(handler.HTTPResponse{
			Header: handler.HTTPHeader{"Upload-Offset": strconv.FormatInt(info.Offset, 10)},
		})
		return err
	}
	length := info.Size
	given := a.header.Get("Upload-Length")
	switch {
	case info.SizeIsDeferred && given == "":
		length = math.MaxInt64
	case info.SizeIsDeferred:
		length, _ = parseInteger(given)
	case given != "" && given != strconv.FormatInt(info.Size, 10):
		return errLengthChanged
	default:
		// Said again, for example after a lost answer. tusd's handler would take it
		// for a change.
		a.header.Del("Upload-Length")
	}
	if length < info.Offset {
		return handler.ErrInvalidUploadLength
	}
	return a.fits(length, info.Offset)
}

// fits bounds the body to what an upload of that length has room for at offset,
// and refuses one that announces more.
func (a *appending) fits(length, offset int64) error {
	b := a.body
	b.room, b.tooLong = length-offset, handler.ErrSizeExceeded
	if length > a.maxSize {
		b.room, b.tooLong = max(a.maxSize-offset, 0), handler.ErrMaxSizeExceeded
	}
	if a.contentLength > b.room {
		return b.tooLong
	}
	if b.room > 0 || a.contentLength == 0 {
		return nil
	}
	// Nobody reads the body of a request for a complete upload.
	_, err := b.Read(make([]byte, 1))
	var known handler.Error
	switch {
	case err == io.EOF:
		return nil
	case errors.As(err, &known):
		return known
	}
	return handler.ErrUnexpectedEOF
}
