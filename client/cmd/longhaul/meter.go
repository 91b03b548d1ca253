package main

import (
	"math"
	"time"
)

const (
	// meterAge is how many seconds count for the speed that is shown.
	meterAge = 5
	// meterMin is how many of them must have passed before there is one.
	meterMin = 0.4
)

// meter tells a speed that follows the last seconds. The zero value has seen
// nothing.
type meter struct {
	bytes, seconds float64 // with the past worth ever less
	at             time.Time
}

// add says that n bytes moved since the last call.
func (m *meter) add(n int64, now time.Time) {
	*m = m.aged(now)
	m.bytes += float64(n)
}

// aged is the meter at a later time.
func (m meter) aged(now time.Time) meter {
	if m.at.IsZero() {
		return meter{at: now}
	}
	passed := max(0, now.Sub(m.at).Seconds())
	rest := math.Exp(-passed / meterAge)
	return meter{bytes: m.bytes * rest, seconds: m.seconds*rest + passed, at: now}
}

// speed is in bytes per second; 0 if it is not known.
func (m meter) speed(now time.Time) float64 {
	if m.at.IsZero() {
		return 0
	}
	if m = m.aged(now); m.seconds < meterMin {
		return 0
	}
	return m.bytes / m.seconds
}

// left is how long remaining bytes take; negative if that is not known.
func (m meter) left(remaining int64, now time.Time) time.Duration {
	speed := m.speed(now)
	if speed < 1 || remaining < 0 {
		return -1
	}
	return time.Duration(min(float64(remaining)/speed, 1e9) * float64(time.Second))
}
