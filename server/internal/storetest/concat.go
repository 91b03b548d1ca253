package storetest

import (
	"fmt"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// concat joins parts of the given sizes, in another order than that of their
// creation.
func (s Suite) concat(t *testing.T, start starter) {
	if !start(t).composer.UsesConcater {
		return
	}
	for name, sizes := range map[string][]int{
		"one part":           {7},
		"around the buffer":  {s.Buffer - 1, s.Buffer, s.Buffer + 1},
		"an empty one first": {0, 5, 1},
		"empty ones between": {5, 0, 0, s.Buffer, 0, 1},
		"an empty one last":  {5, 1, 0},
		"nothing at all":     {0, 0},
		"many":               make([]int, 20),
	} {
		if name == "many" {
			for i := range sizes {
				sizes[i] = i
			}
		}
		t.Run(name, func(t *testing.T) {
			b := start(t)
			final := b.joined(b.parts(sizes))
			final.check()
			final.read()
			final.read()
		})
	}
	t.Run("parts of one are not in another", func(t *testing.T) {
		b := start(t)
		one, two := b.parts([]int{3, 4}), b.parts([]int{5, 6})
		first, second := b.joined(one), b.joined(two)
		first.read()
		second.read()
	})
	t.Run("terminated", func(t *testing.T) {
		b := start(t)
		if !b.composer.UsesTerminater {
			return
		}
		other, final := b.joined(b.parts([]int{3, 4})), b.joined(b.parts([]int{3, 4}))
		final.terminated()
		other.check()
		other.read()
	})
}

// parts are finished partial uploads of the given sizes, the last one created
// first. No two have the same bytes.
func (b *bench) parts(sizes []int) []*subject {
	b.Helper()
	parts := make([]*subject, len(sizes))
	for i := len(sizes) - 1; i >= 0; i-- {
		p := b.create(handler.FileInfo{Size: int64(sizes[i]), IsPartial: true, MetaData: handler.MetaData{"filename": fmt.Sprint(i)}})
		p.send(pattern(100*i + sizes[i])[100*i:])
		if err := p.upload().FinishUpload(b.Context()); err != nil {
			b.Fatalf("FinishUpload of a part: %v", err)
		}
		p.check()
		parts[i] = p
	}
	return parts
}

// joined makes a final upload as tusd's handler does.
func (b *bench) joined(parts []*subject) *subject {
	b.Helper()
	b.step()
	ctx, core := b.Context(), b.composer.Core
	info := handler.FileInfo{IsFinal: true, MetaData: handler.MetaData{"filename": "final.bin"}}
	final := &subject{bench: b}
	var handles []handler.Upload
	for _, p := range parts {
		u, err := core.GetUpload(ctx, p.id)
		if err != nil {
			b.Fatalf("GetUpload of a part: %v", err)
		}
		handles = append(handles, u)
		info.PartialUploads = append(info.PartialUploads, p.id)
		info.Size += int64(len(p.content))
		final.content = append(final.content, p.content...)
	}
	u, err := core.NewUpload(ctx, info)
	if err != nil {
		b.Fatalf("NewUpload: %v", err)
	}
	created, err := u.GetInfo(ctx)
	if err != nil {
		b.Fatalf("GetInfo of a new upload: %v", err)
	}
	if err := b.composer.Concater.AsConcatableUpload(u).ConcatUploads(ctx, handles); err != nil {
		b.Fatalf("ConcatUploads: %v", err)
	}
	final.id, final.handle, final.want = created.ID, u, info
	return final
}
