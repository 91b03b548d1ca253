package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

func (s *subject) end(u handler.Upload) error {
	return s.composer.Terminater.AsTerminatableUpload(u).Terminate(s.Context())
}

// terminate ends uploads in each state beside one that must not notice.
func (s Suite) terminate(t *testing.T, start starter) {
	if !start(t).composer.UsesTerminater {
		return
	}
	for _, tt := range []struct {
		length, sent int
		finished     bool
	}{
		{length: 0}, {length: 0, finished: true},
		{length: 1000}, {length: 1000, sent: 1},
		{length: 1000, sent: 1000}, {length: 1000, sent: 1000, finished: true},
	} {
		t.Run(fmt.Sprintf("after %d of %d, finished %v", tt.sent, tt.length, tt.finished), func(t *testing.T) {
			b := start(t)
			info := handler.FileInfo{Size: int64(tt.length), MetaData: handler.MetaData{"filename": "same.bin"}}
			other, u := b.create(info), b.create(info)
			u.send(pattern(tt.length)[:tt.sent])
			if tt.finished {
				u.finish()
			}
			other.send(pattern(tt.length))
			other.finish()
			u.terminated()
			other.check()
			other.read()
		})
	}
}

// terminated ends the upload twice and asks for it again.
func (s *subject) terminated() {
	s.Helper()
	u := s.upload()
	if err := s.end(u); err != nil {
		s.Fatalf("Terminate: %v", err)
	}
	s.gone(s.id)
	if err := s.end(u); err != nil && !errors.Is(err, handler.ErrNotFound) {
		s.Errorf("Terminate again: %v; want ErrNotFound or none", err)
	}
	s.step()
	s.gone(s.id)
}
