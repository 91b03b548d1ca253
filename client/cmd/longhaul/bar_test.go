package main

import (
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
)

func TestBarSaysWhatHappens(t *testing.T) {
	const MiB = 1 << 20
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b := &bar{doing: "connecting"}
	if got, want := b.text(now), "  connecting"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, step := range []struct {
		event client.Event
		later time.Duration
		want  string
	}{
		{client.Event{Kind: client.Verifying, Offset: 10 * MiB, Size: 50 * MiB}, 0, "  20 %  10 MiB of 50 MiB  comparing"},
		{client.Event{Kind: client.Resumed, Offset: 50 * MiB, Size: 100 * MiB}, 0, "  50 %  50 MiB of 100 MiB"},
		{client.Event{Kind: client.Progress, Offset: 60 * MiB, Size: 100 * MiB}, time.Second, "  60 %  60 MiB of 100 MiB  10 MiB/s  4 s left"},
		// The broken request's bytes stay on the screen until the server was asked.
		{client.Event{Kind: client.Retrying, Offset: 50 * MiB, Size: 100 * MiB, Wait: 4 * time.Second, Err: syscall.ECONNREFUSED}, 0, "  60 %  retrying in 4 s (connection refused)"},
		{client.Event{Kind: client.Progress, Offset: 55 * MiB, Size: 100 * MiB}, time.Second, "  55 %  55 MiB of 100 MiB"},
		{client.Event{Kind: client.Progress, Offset: 100*MiB - 1, Size: 100 * MiB}, time.Second, "  99 %  100 MiB of 100 MiB  45 MiB/s  0 s left"},
	} {
		now = now.Add(step.later)
		b.take(step.event, now)
		if got := b.text(now); got != step.want {
			t.Errorf("%q, want %q", got, step.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 99 * time.Second: "99 s", 100 * time.Second: "2 min", 3600 * time.Second: "1 h 0 min",
		99 * time.Hour: "99 h 0 min", 1000 * time.Hour: "41 days",
	} {
		if got := duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
