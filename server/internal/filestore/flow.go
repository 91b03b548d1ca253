package filestore

import "time"

const (
	// fastRate is the rate, in bytes a second, from which on a pipeline is worth
	// its memory.
	fastRate = 4 << 20
	// speedUpAfter is how many bytes must have come that fast before there is
	// one, slowDownAfter how long they must have come slower before it is given
	// up.
	speedUpAfter  = 64 << 10
	slowDownAfter = 250 * time.Millisecond
)

// flow tells whether bytes come fast.
type flow struct {
	fast  bool
	since time.Time
	bytes int64 // since then
}

// restart forgets the time since the last bytes came, in which nobody was
// listening.
func (f *flow) restart(now time.Time) { f.since, f.bytes = now, 0 }

// add takes in that n bytes have come, and reports whether they come fast.
func (f *flow) add(n int) (fast bool) {
	f.bytes += int64(n)
	now := time.Now()
	took := now.Sub(f.since)
	if f.fast && took < slowDownAfter || !f.fast && f.bytes < speedUpAfter {
		return f.fast
	}
	f.fast = took <= time.Duration(f.bytes)*time.Second/fastRate
	f.restart(now)
	return f.fast
}
