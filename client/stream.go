package client

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// window is how many bytes of a stream are in memory at most: half of them on
	// their way to the server, half read ahead meanwhile.
	window = 16 << 20
	// linger is how long a request waits for more to send, from the first byte
	// on, unless half a window is there sooner.
	linger = 500 * time.Millisecond
	// block is the unit in which memory is taken and given back. It divides window.
	block = 256 << 10
	// emptyReads is how many times in a row a Read may yield nothing.
	emptyReads = 100
)

// stream keeps what its reader yielded and the server has not acknowledged. A
// goroutine reads ahead as long as the window has room.
type stream struct {
	reader io.Reader
	more   chan struct{} // holds at most one: something was read, or reading ended
	room   chan struct{} // holds at most one: the window moved, or nobody wants more

	mu      sync.Mutex // guards the following
	base    int64      // offset of the first byte in blocks, a multiple of block
	end     int64      // offset after the last
	blocks  [][]byte   // each of length block
	free    [][]byte
	err     error // why reading ended: io.EOF if all is well
	stopped bool
}

func newStream(r io.Reader) *stream {
	s := &stream{reader: r, more: make(chan struct{}, 1), room: make(chan struct{}, 1)}
	go s.run()
	return s
}

// run reads until the reader ends or nobody wants more.
func (s *stream) run() {
	empty := 0
	for {
		space := s.space()
		if space == nil {
			return
		}
		n, err := s.reader.Read(space)
		if empty++; n > 0 {
			empty = 0
		}
		if err == nil && empty == emptyReads {
			err = io.ErrNoProgress
		}
		s.mu.Lock()
		s.end, s.err = s.end+int64(n), err
		s.mu.Unlock()
		signal(s.more)
		if err != nil {
			return
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// space waits for room in the window and returns it, or nil after stop.
func (s *stream) space() []byte {
	for {
		if space, stopped := s.tail(); space != nil || stopped {
			return space
		}
		<-s.room
	}
}

// tail returns what of the last block is not filled yet, if anything.
func (s *stream) tail() (space []byte, stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, true
	}
	filled := s.end - s.base
	if filled == window {
		return nil, false
	}
	if filled == int64(len(s.blocks))*block {
		s.blocks = append(s.blocks, s.fresh())
	}
	return s.blocks[len(s.blocks)-1][filled%block:], false
}

func (s *stream) fresh() []byte {
	if last := len(s.free) - 1; last >= 0 {
		b := s.free[last]
		s.free = s.free[:last]
		return b
	}
	return make([]byte, block)
}

// wait returns up to which offset the stream can be sent, and whether it ends
// there. It waits until that is more than from, and worth a request.
func (s *stream) wait(ctx context.Context, from int64) (end int64, ended bool, err error) {
	var late <-chan time.Time
	for {
		s.mu.Lock()
		end, err = s.end, s.err
		s.mu.Unlock()
		switch {
		case err == io.EOF:
			return end, true, nil
		case err != nil:
			return end, false, fmt.Errorf("read the source: %w", err)
		case end-from >= window/2:
			return end, false, nil
		case end > from && late == nil:
			timer := time.NewTimer(linger)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-s.more:
		case <-late:
			return end, false, nil
		case <-ctx.Done():
			return end, false, ctx.Err()
		}
	}
}

// ReadAt implements io.ReaderAt for what is in the window. It never waits.
func (s *stream) ReadAt(p []byte, offset int64) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset < s.base {
		return 0, fmt.Errorf("byte %d: %w", offset, ErrCannotRepeat)
	}
	for n < len(p) && offset < s.end {
		at := offset - s.base
		piece := s.blocks[at/block][at%block : min(block, at%block+s.end-offset)]
		copied := copy(p[n:], piece)
		n, offset = n+copied, offset+int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// acknowledged gives back the memory of what is before offset.
func (s *stream) acknowledged(offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.base+block <= offset && len(s.blocks) > 0 {
		s.free = append(s.free, s.blocks[0])
		s.blocks = s.blocks[1:]
		s.base += block
	}
	signal(s.room)
}

// whole reports whether the stream can still be read from its beginning.
func (s *stream) whole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base == 0
}

// stop ends reading. It does not wait for a Read that is running.
func (s *stream) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	signal(s.room)
	if closer, ok := s.reader.(io.Closer); ok {
		_ = closer.Close()
	}
}
