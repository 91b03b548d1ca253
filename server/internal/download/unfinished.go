package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/digest"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// open opens the file of the upload called id. Of one that is not finished the
// error tells the offset, which is known only while nobody writes: a commit may be
// under way that is not on disk yet. HEAD waits for that and interrupts who
// writes; a GET disturbs nobody, so it tells no offset then.
func open(ctx context.Context, store Store, locker *takeover.Locker, id string) (io.ReadSeekCloser, filestore.Info, error) {
	f, info, err := store.Open(ctx, id)
	if !errors.Is(err, filestore.ErrUnfinished) {
		return f, info, err
	}
	lock := locker.TryLock(id)
	if lock == nil {
		return nil, info, err
	}
	defer func() { _ = lock.Unlock() }()
	f, info, err = store.Open(ctx, id)
	if errors.Is(err, filestore.ErrUnfinished) && !info.Complete && !info.Pending {
		err = unfinished(info)
	}
	return f, info, err
}

// unfinished is filestore.ErrUnfinished with the offset.
func unfinished(info filestore.Info) handler.Error {
	held := fmt.Sprintf("%d bytes are here", info.Offset)
	if info.Length != nil {
		held = fmt.Sprintf("%d of %d bytes are here", info.Offset, *info.Length)
	}
	err := handler.NewError(filestore.ErrUnfinished.ErrorCode, "the upload is not finished yet: "+held, http.StatusConflict)
	err.HTTPResponse.Header = handler.HTTPHeader{
		"Upload-Offset": strconv.FormatInt(info.Offset, 10),
		"Upload-Digest": digest.Format(info.CRC32C, info.SHA256),
	}
	return err
}
