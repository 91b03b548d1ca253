package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/client"
)

// state is what is shown of one file. The zero value is one that nothing is
// known of.
type state struct {
	offset, size int64
	doing        string    // in place of speed and time left; empty while bytes move
	until        time.Time // end of a pause
	cause        error     // of the pause; nil if there is none
	meter        meter
}

// take makes an event part of the state.
func (s *state) take(e client.Event, now time.Time) {
	s.doing, s.cause = "", nil
	switch e.Kind {
	case client.Retrying:
		// What the server has of the broken request is not known before it is asked.
		s.until, s.cause, s.meter, e.Offset = now.Add(e.Wait), e.Err, meter{}, max(e.Offset, s.offset)
	case client.Verifying:
		s.doing = "comparing"
	case client.Progress:
		s.meter.add(max(0, e.Offset-s.offset), now)
	default:
		s.meter.add(0, now)
	}
	s.offset, s.size = e.Offset, e.Size
}

// texts are ways to tell the state, from long to short.
func (s *state) texts(now time.Time) []string {
	part := fmt.Sprintf("%3d %%  ", percent(s.offset, s.size))
	if s.size < 0 {
		part = ""
	}
	done := part + of(s.offset, s.size)
	switch speed := s.meter.speed(now); {
	case s.cause != nil:
		pause := max(0, s.until.Sub(now))
		return []string{part + retrying(pause, s.cause), part + retrying(pause, nil), retrying(pause, nil)}
	case s.size == 0:
		return []string{s.doing}
	case s.doing != "":
		return []string{done + "  " + s.doing, part + s.doing, s.doing}
	case speed < 1:
		return []string{done, part}
	case s.size < 0:
		return []string{fmt.Sprintf("%s  %s/s", done, amount(int64(speed))), done}
	default:
		rate := amount(int64(speed)) + "/s"
		left := duration(s.meter.left(s.size-s.offset, now)) + " left"
		return []string{done + "  " + rate + "  " + left, part + rate + "  " + left, part + left, part}
	}
}

// tally is the state of all files of a command together. It is safe for
// concurrent use.
type tally struct {
	mu    sync.Mutex
	files int // in all
	ended int // of them, whatever became of them
	state state
}

// newTally is for so many files with so many bytes; a negative size is not known.
func newTally(files int, size int64) *tally {
	return &tally{files: files, state: state{size: size}}
}

// move says that one file came from one offset to another; moving tells that
// bytes travelled.
func (t *tally) move(from, to int64, moving bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.offset += to - from
	travelled := int64(0)
	if moving {
		travelled = max(0, to-from)
	}
	t.state.meter.add(travelled, now)
}

// end says that one file is done with.
func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended++
}

// name says how many files are done with; fraction and texts are as of a file.
func (t *tally) name(width int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if long := fmt.Sprintf("%d of %s", t.ended, count(t.files, "file")); len(long) <= width {
		return long
	}
	return fmt.Sprintf("%d/%d", t.ended, t.files)
}

func (t *tally) texts(now time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.texts(now)
}

// fraction is how much of the whole there is, from 0 to 1; negative if that is
// not known.
func (s *state) fraction() float64 {
	if s.size <= 0 {
		return -1
	}
	return min(1, float64(s.offset)/float64(s.size))
}

func (t *tally) fraction() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.fraction()
}
