package filestore

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"syscall"

	"github.com/tus/tusd/v2/pkg/handler"
)

// What callers and clients can tell apart. Each is a handler.Error with its
// status and a body that says nothing about the inside of the server.
var (
	// ErrNotFound means that there is no upload with that id, or never was.
	ErrNotFound = handler.ErrNotFound
	// ErrExpired means that the upload was not finished in time.
	ErrExpired = handler.NewError("ERR_UPLOAD_EXPIRED", "the upload was not finished in time", http.StatusGone)
	// ErrMoved means that the upload was finished and its file has since been
	// moved, replaced or deleted on the server.
	ErrMoved = handler.NewError("ERR_FILE_GONE", "the finished file is no longer here", http.StatusGone)
	// ErrUnfinished means that bytes are still missing.
	ErrUnfinished = handler.NewError("ERR_UPLOAD_UNFINISHED", "the upload is not finished yet", http.StatusConflict)
	// ErrRejected means that all bytes are there and are not those that the
	// creation announced. The upload is kept until it expires, and not published.
	ErrRejected = handler.NewError("ERR_DIGEST_MISMATCH", "the bytes that came are not those that Repr-Digest announced; the file is not published", http.StatusUnprocessableEntity)
	// ErrStorageFull means that the disk or the quota is full. What was
	// committed before stays.
	ErrStorageFull = handler.NewError("ERR_STORAGE_FULL", "the server has no space left; what it has acknowledged is kept", http.StatusInsufficientStorage)

	errInternal = handler.NewError("ERR_INTERNAL_SERVER_ERROR", "the server could not do this; its log says why", http.StatusInternalServerError)
)

// answer turns an error into one that a client may read. What it hides, it logs.
func (s *Store) answer(ctx context.Context, doing, id string, err error) error {
	var known handler.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		s.log.ErrorContext(ctx, "no space left", slog.String("doing", doing), slog.String("id", id), slog.Any("err", err))
		return ErrStorageFull
	default:
		s.log.ErrorContext(ctx, "upload failed", slog.String("doing", doing), slog.String("id", id), slog.Any("err", err))
		return errInternal
	}
}
