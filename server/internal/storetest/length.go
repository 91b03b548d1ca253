package storetest

import (
	"fmt"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// deferred makes an upload whose length is not known yet.
func (b *bench) deferred() *subject {
	b.Helper()
	return b.create(handler.FileInfo{SizeIsDeferred: true})
}

func (s *subject) declare(length int) error {
	s.Helper()
	return s.composer.LengthDeferrer.AsLengthDeclarableUpload(s.upload()).DeclareLength(s.Context(), int64(length))
}

// declared declares a length that may be declared.
func (s *subject) declared(length int) {
	s.Helper()
	if err := s.declare(length); err != nil {
		s.Fatalf("DeclareLength(%d): %v", length, err)
	}
	s.want.SizeIsDeferred, s.want.Size = false, int64(length)
	s.check()
}

// length declares a deferred length, total, after some of the bytes.
func (s Suite) length(t *testing.T, start starter) {
	if !start(t).composer.UsesLengthDeferrer {
		return
	}
	const total = 1000
	content := pattern(total)
	for _, before := range []int{0, 1, total - 1, total} {
		t.Run(fmt.Sprintf("declared after %d of %d", before, total), func(t *testing.T) {
			u := start(t).deferred()
			u.send(content[:before])
			u.declared(total)
			u.send(content[before:])
			u.finish()
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		u := start(t).deferred()
		u.declared(0)
		u.finish()
	})
	for _, below := range []int{total - 1, 0, -1} {
		t.Run(fmt.Sprintf("%d declared after %d", below, total), func(t *testing.T) {
			u := start(t).deferred()
			u.send(content)
			if err := u.declare(below); err == nil {
				t.Error("DeclareLength took it")
			}
			u.check()
			u.declared(total)
			u.finish()
		})
	}
}
