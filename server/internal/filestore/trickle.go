package filestore

import "sync"

// bufferSize is small, since an upload holds its buffer while it waits for
// bytes: most of the memory of many uploads over slow links.
const bufferSize = 16 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// trickle is the sink for bytes that come slowly or are few: one small buffer,
// written through the page cache.
type trickle struct {
	appender *appender
	buf      *[bufferSize]byte
	fill     int
}

func newTrickle(a *appender) *trickle {
	return &trickle{appender: a, buf: buffers.Get().(*[bufferSize]byte)}
}

func (t *trickle) space() []byte { return t.buf[t.fill:] }

func (t *trickle) took(n int) error {
	if t.fill += n; t.fill < len(t.buf) {
		return nil
	}
	return t.flush()
}

func (t *trickle) flush() error {
	p := t.buf[:t.fill]
	t.fill = 0
	return t.appender.write(t.appender.data, p)
}

func (t *trickle) release() { buffers.Put(t.buf) }
