package client

import (
	"context"
	"errors"
	"time"
)

// Follow makes an Upload wait for what a file grows by and send that, too, as
// "tail -f" would show it: the file that was opened is followed, also when it is
// renamed. When it ends, Options.Append leaves the upload open and Options.Finish
// completes it.
type Follow struct {
	// Idle is how long nothing may come before that is the end. 0 means for ever.
	Idle time.Duration
	// Stop, when it is closed, makes the end that of the file as it is then. nil
	// means never.
	Stop <-chan struct{}
}

const (
	// followEvery is how often a file is looked at: file systems of other
	// machines tell nobody that a file has grown.
	followEvery = time.Second
	// followAtOnce is how many new bytes are worth a request of their own sooner.
	followAtOnce = 1 << 20
)

// growth tells how much there is of a source that has not ended.
type growth interface {
	// wait returns up to which offset the source can be sent, and whether it ends
	// there. It waits until that is more than from, or it ended.
	wait(ctx context.Context, from int64) (end int64, ended bool, err error)
}

// tail is the growth of a file. It belongs to the goroutine of Upload.
type tail struct {
	source *opened
	follow *Follow
	looked time.Time // when growth was last told
}

func newTail(source *opened, options Options) (*tail, error) {
	if source.file == nil {
		return nil, errors.New("only a file can be followed")
	}
	if !options.Append && !options.Finish {
		return nil, errors.New("following a file needs Append or Finish")
	}
	return &tail{source: source, follow: options.Follow}, nil
}

func (t *tail) wait(ctx context.Context, from int64) (end int64, ended bool, err error) {
	began := time.Now()
	for {
		stopped := t.stopped()
		info, err := t.source.file.Stat()
		if err != nil {
			return from, false, err
		}
		size := info.Size()
		pause := followEvery - time.Since(t.looked)
		switch idle := t.follow.Idle; {
		case size < from:
			return from, false, t.source.changed("it shrank from %d to %d bytes while it was being sent", from, size)
		case stopped:
			return size, true, nil
		case size-from >= followAtOnce || size > from && pause <= 0:
			t.looked = time.Now()
			return size, false, nil
		case size == from && idle > 0 && time.Since(began) >= idle:
			return size, true, nil
		case size == from:
			pause = followEvery
			if idle > 0 {
				pause = min(pause, idle-time.Since(began))
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return from, false, ctx.Err()
		case <-t.follow.Stop:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (t *tail) stopped() bool {
	select {
	case <-t.follow.Stop:
		return true
	default:
		return false
	}
}
