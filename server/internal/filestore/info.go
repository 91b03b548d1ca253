package filestore

import (
	"context"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Info is what the store knows of an upload beyond handler.FileInfo.
type Info struct {
	ID       string
	MetaData handler.MetaData
	Offset   int64
	// Length is how many bytes there will be, nil while that is not known.
	Length *int64
	// Headers are those of the creation, to be returned as they were sent.
	Headers Headers
	// CRC32C is the CRC-32C (Castagnoli) of the first Offset bytes.
	CRC32C uint32
	// SHA256 is the SHA-256 of the first Offset bytes, nil unless it was asked
	// for. That of a final upload is not known until its parts are folded.
	SHA256 []byte
	// Complete says that all bytes are there, and those that were announced.
	Complete bool
	// Partial says that the upload is one to be a part of a final one. It is
	// never published.
	Partial bool
	// Pending says that this is a final upload some of whose parts are not
	// complete. It has no offset, and Offset and CRC32C mean nothing.
	Pending bool
	// Expires is when the upload dies unless more bytes arrive, in it or in one
	// of its parts. Zero means never, as for complete uploads. Partial ones die
	// also when they are complete, unless they belong to a final one.
	Expires time.Time
	// Name is the path of the published file below files/, empty while
	// incomplete. That of a final upload is the wanted one until its parts are
	// folded.
	Name string
	// Modified is when the file was last written to, zero while incomplete.
	Modified time.Time
}

func (s *Store) info(rec *record) Info {
	info := Info{
		ID: rec.ID, MetaData: rec.metaData(), Offset: rec.Offset, Length: rec.Length, CRC32C: rec.CRC32C, SHA256: rec.sha256(),
		Headers:  Headers{Metadata: string(rec.Metadata), Concat: string(rec.Concat)},
		Complete: rec.complete(), Partial: rec.Partial, Name: rec.Name, Modified: rec.Modified,
		Expires: s.expires(rec),
	}
	if !rec.final() || rec.whole() {
		return info
	}
	info.Offset, info.Length, info.CRC32C, info.SHA256, info.Pending = 0, nil, 0, nil, true
	if whole := rec.unfolded; whole != nil {
		info.Length, info.Complete, info.Pending = whole.length, whole.complete, !whole.complete
	}
	if info.Complete {
		info.Offset, info.CRC32C = *info.Length, rec.unfolded.final.crc32c
		info.Name = s.wantedName(rec)
	}
	return info
}

type observerKey struct{}

// WithObserver returns a context under which the store calls fn, in the calling
// goroutine, each time it has loaded or committed an upload. The last call says
// what is on disk. This is how headers that tusd's handler knows nothing of get
// into its answers.
func WithObserver(ctx context.Context, fn func(Info)) context.Context {
	return context.WithValue(ctx, observerKey{}, fn)
}

func observe(ctx context.Context, info Info) {
	if fn, ok := ctx.Value(observerKey{}).(func(Info)); ok {
		fn(info)
	}
}
