package storetest

import (
	"bytes"
	"sync"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// neighbours are uploads that have everything in common but their bytes.
func (s Suite) neighbours(t *testing.T, start starter) {
	info := handler.FileInfo{Size: int64(3 * s.Buffer), MetaData: handler.MetaData{"filename": "same.bin"}}
	t.Run("in turn", func(t *testing.T) {
		b := start(t)
		one, two := b.create(info), b.create(info)
		for i := range 3 {
			one.send(pattern(s.Buffer))
			two.send(bytes.Repeat([]byte{byte(i)}, s.Buffer))
		}
		one.finish()
		two.finish()
		one.read()
	})
	t.Run("at once", func(t *testing.T) {
		b := start(t)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() { s.alone(b, info, byte(i)) })
		}
		wg.Wait()
	})
}

// alone takes one upload from creation to its end while others do the same. It
// must not end the test, being in a goroutine of its own.
func (s Suite) alone(b *bench, info handler.FileInfo, fill byte) {
	core, ctx := b.composer.Core, b.Context()
	u, err := core.NewUpload(ctx, info)
	if err != nil {
		b.Errorf("NewUpload: %v", err)
		return
	}
	created, err := u.GetInfo(ctx)
	if err != nil {
		b.Errorf("GetInfo: %v", err)
		return
	}
	content := bytes.Repeat([]byte{fill}, int(info.Size))
	for offset := 0; offset < len(content); offset += s.Buffer {
		if b.way != oneHandle {
			if u, err = core.GetUpload(ctx, created.ID); err != nil {
				b.Errorf("GetUpload: %v", err)
				return
			}
		}
		n, err := u.WriteChunk(ctx, int64(offset), bytes.NewReader(content[offset:offset+s.Buffer]))
		if err != nil || n != int64(s.Buffer) {
			b.Errorf("WriteChunk = %d, %v; want %d", n, err, s.Buffer)
			return
		}
	}
	if err := u.FinishUpload(ctx); err != nil {
		b.Errorf("FinishUpload: %v", err)
		return
	}
	if got, err := readAll(ctx, u); err != nil || !bytes.Equal(got, content) {
		b.Errorf("%d bytes read, error %v; want %d bytes %d", len(got), err, len(content), fill)
	}
}
