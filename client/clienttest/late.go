package clienttest

import (
	"bytes"
	"io"
	"time"
)

// late is a writer whose bytes arrive after a delay. It takes any number of them
// meanwhile, as a long cable does.
type late struct {
	io.Writer
	delay time.Duration
	queue chan parcel
	gone  chan struct{}
}

type parcel struct {
	data []byte
	due  time.Time
}

// onTheWay is how many writes are under way at most.
const onTheWay = 4096

func newLate(w io.Writer, delay time.Duration) *late {
	l := &late{Writer: w, delay: delay}
	if delay > 0 {
		l.queue, l.gone = make(chan parcel, onTheWay), make(chan struct{})
		go l.deliver()
	}
	return l
}

func (l *late) deliver() {
	defer close(l.gone)
	var broken error
	for p := range l.queue {
		time.Sleep(time.Until(p.due))
		if broken == nil {
			_, broken = l.Writer.Write(p.data)
		}
	}
}

// Write implements io.Writer. It does not tell what goes wrong later.
func (l *late) Write(p []byte) (int, error) {
	if l.delay == 0 {
		return l.Writer.Write(p)
	}
	l.queue <- parcel{bytes.Clone(p), time.Now().Add(l.delay)}
	return len(p), nil
}

// Close waits until everything has arrived.
func (l *late) Close() {
	if l.delay > 0 {
		close(l.queue)
		<-l.gone
	}
}
