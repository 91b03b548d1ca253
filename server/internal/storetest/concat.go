package storetest

import (
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// concat joins parts, an empty one among them, in an order of its own.
func (s Suite) concat(t *testing.T, start starter) {
	b := start(t)
	if !b.composer.UsesConcater {
		return
	}
	var parts []handler.Upload
	var ids []string
	var content []byte
	for _, size := range []int{1, 0, s.Buffer, 7} {
		part := b.create(handler.FileInfo{Size: int64(size), IsPartial: true})
		part.send(pattern(size))
		part.finish()
		content = append(part.content[:size:size], content...)
		parts = append([]handler.Upload{part.upload()}, parts...)
		ids = append([]string{part.id}, ids...)
	}
	final := b.create(handler.FileInfo{Size: int64(len(content)), IsFinal: true, PartialUploads: ids})
	if err := b.composer.Concater.AsConcatableUpload(final.handle).ConcatUploads(t.Context(), parts); err != nil {
		t.Fatalf("ConcatUploads: %v", err)
	}
	if err := final.handle.FinishUpload(t.Context()); err != nil {
		t.Fatalf("FinishUpload: %v", err)
	}
	final.content = content
	final.read()
}
