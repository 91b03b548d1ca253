package filestore

import (
	"context"
	"errors"
	"fmt"
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
	// ErrPartial means that the upload is a partial one, which is read only as a
	// part of the final one.
	ErrPartial = handler.NewError("ERR_PARTIAL_UPLOAD", "a partial upload is read only as a part of its final upload", http.StatusForbidden)
	// ErrPartTaken means that a partial upload belongs to a final one.
	ErrPartTaken = handler.NewError("ERR_PART_TAKEN", "a partial upload belongs to a final upload already", http.StatusConflict)
	// ErrPartNotFound means that there is no such upload to be a part.
	ErrPartNotFound = handler.NewError("ERR_PART_NOT_FOUND", "there is no upload under the URL of a part", http.StatusNotFound)
	// ErrPartExpired means that a part was not used in time.
	ErrPartExpired = handler.NewError("ERR_PART_EXPIRED", "a partial upload was not used in time", http.StatusGone)
	// ErrPartNotPartial means that an upload was not created as a partial one.
	ErrPartNotPartial = handler.NewError("ERR_PART_NOT_PARTIAL", "an upload that was not created with Upload-Concat: partial cannot be a part", http.StatusBadRequest)
	// ErrPartRepeated means that an upload is to be more than one part.
	ErrPartRepeated = handler.NewError("ERR_PART_REPEATED", "a partial upload can be a part once", http.StatusBadRequest)
	// ErrPartCount means that there are too many parts, or none.
	ErrPartCount = handler.NewError("ERR_PART_COUNT", fmt.Sprintf("a final upload has 1 to %d parts", MaxParts), http.StatusBadRequest)

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
		// Foreseen: the client is told, and /readyz says it where it stays so.
		s.log.WarnContext(ctx, "no space left", slog.String("doing", doing), slog.String("id", id), slog.Any("err", err))
		return ErrStorageFull
	default:
		s.log.ErrorContext(ctx, "upload failed", slog.String("doing", doing), slog.String("id", id), slog.Any("err", err))
		return errInternal
	}
}
