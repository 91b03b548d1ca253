package client

import (
	"sync"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// saver saves records in a goroutine of its own, so that syncing them does not
// hold up the transfer. Of several that wait only the newest is saved. Failures
// there are left to the last record, which is saved by save.
type saver struct {
	slot place
	wake chan struct{} // holds at most one
	gone chan struct{}

	saving  sync.Mutex // held while a record is chosen and written
	mu      sync.Mutex // guards the following; never held for long
	waiting *resume.Record
}

// keeper is where a push keeps its record: now, or soon.
type keeper interface {
	save(*resume.Record) error
	put(*resume.Record)
}

func newSaver(slot place) *saver {
	s := &saver{slot: slot, wake: make(chan struct{}, 1), gone: make(chan struct{})}
	go func() {
		defer close(s.gone)
		for range s.wake {
			s.saving.Lock()
			if record := s.take(); record != nil {
				_ = s.slot.Save(record)
			}
			s.saving.Unlock()
		}
	}()
	return s
}

func (s *saver) take() *resume.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := s.waiting
	s.waiting = nil
	return record
}

// put hands over a record, which nobody may change any more. It does not wait.
func (s *saver) put(record *resume.Record) {
	s.mu.Lock()
	s.waiting = record
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// save saves record now, in place of any that waits.
func (s *saver) save(record *resume.Record) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.take()
	return s.slot.Save(record)
}

// stop ends the goroutine. There is no put after it.
func (s *saver) stop() {
	close(s.wake)
	<-s.gone
}
