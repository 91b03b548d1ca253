package filestore

import (
	"sync"
	"time"
)

const (
	// waitingSize is the size of the buffer in which an upload waits for bytes:
	// many uploads over slow links hold one each.
	waitingSize = 4 << 10
	// bufferSize is that of the buffer which takes its place when it fills up in
	// less than growWithin, until the next commit.
	bufferSize = 64 << 10
	growWithin = 100 * time.Millisecond
)

var (
	waiting = sync.Pool{New: func() any { return newBuffer(waitingSize) }}
	buffers = sync.Pool{New: func() any { return newBuffer(bufferSize) }}
)

func newBuffer(size int) *[]byte {
	buf := make([]byte, size)
	return &buf
}

// trickle is the sink for bytes that come slowly or are few: one small buffer,
// written through the page cache.
type trickle struct {
	appender *appender
	pool     *sync.Pool
	buf      *[]byte // of the pool
	fill     int
	since    time.Time // when buf began to be filled
}

func newTrickle(a *appender) *trickle {
	t := &trickle{appender: a}
	t.take(&waiting)
	return t
}

func (t *trickle) space() []byte { return (*t.buf)[t.fill:] }

func (t *trickle) took(n int) error {
	if t.fill += n; t.fill < len(*t.buf) {
		return nil
	}
	quick := time.Since(t.since) < growWithin
	if err := t.write(); err != nil {
		return err
	}
	if quick && t.pool == &waiting {
		t.release()
		t.take(&buffers)
	}
	return nil
}

func (t *trickle) flush() error {
	err := t.write()
	if t.pool != &waiting {
		t.release()
		t.take(&waiting)
	}
	return err
}

func (t *trickle) write() error {
	p := (*t.buf)[:t.fill]
	t.fill, t.since = 0, time.Now()
	if len(p) == 0 {
		return nil
	}
	return t.appender.write(t.appender.data, p)
}

func (t *trickle) take(pool *sync.Pool) {
	t.pool, t.buf, t.since = pool, pool.Get().(*[]byte), time.Now()
}

func (t *trickle) release() { t.pool.Put(t.buf) }
