package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/longhaul-io/longhaul/client"
)

// still is what a bar shows at one moment.
type still struct {
	path  string
	state *state
}

func (s still) name(int) string              { return s.path }
func (s still) fraction() float64            { return s.state.fraction() }
func (s still) texts(now time.Time) []string { return s.state.texts(now) }

const MiB = 1 << 20

func TestBarSaysWhatHappens(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &state{doing: "connecting"}
	bar := still{"film.mov", s}
	check := func(at80, at40 string) {
		t.Helper()
		for columns, want := range map[int]string{80: at80, 40: at40} {
			if got := strings.TrimRight(drawn(bar, columns, true, now), " "); got != want {
				t.Errorf("%d columns:\n%q, want\n%q", columns, got, want)
			}
		}
	}
	check("film.mov                     connecting", "film.mov   connecting")
	for _, step := range []struct {
		event      client.Event
		later      time.Duration
		at80, at40 string
	}{
		{client.Event{Kind: client.Verifying, Offset: 10 * MiB, Size: 50 * MiB}, 0,
			"film.mov            ━╸──────  20 %  10 MiB of 50 MiB  comparing",
			"film.mov    20 %  comparing"},
		{client.Event{Kind: client.Resumed, Offset: 50 * MiB, Size: 100 * MiB}, 0,
			"film.mov            ━━━━╸───  50 %  50 MiB of 100 MiB",
			"film.mov    50 %  50 MiB of 100 MiB"},
		{client.Event{Kind: client.Progress, Offset: 60 * MiB, Size: 100 * MiB}, time.Second,
			"film.mov            ━━━━╸───  60 %  60 MiB of 100 MiB  10 MiB/s  4 s left",
			"film.mov    60 %  10 MiB/s  4 s left"},
		// The broken request's bytes stay on the screen until the server was asked.
		{client.Event{Kind: client.Retrying, Offset: 50 * MiB, Size: 100 * MiB, Wait: 4 * time.Second, Err: syscall.ECONNREFUSED}, 0,
			"film.mov            ━━━━╸───  60 %  retrying in 4 s (connection refused)",
			"film.mov    60 %  retrying in 4 s"},
		{client.Event{Kind: client.Progress, Offset: 55 * MiB, Size: 100 * MiB}, time.Second,
			"film.mov            ━━━━╸───  55 %  55 MiB of 100 MiB",
			"film.mov    55 %  55 MiB of 100 MiB"},
		{client.Event{Kind: client.Progress, Offset: 100*MiB - 1, Size: 100 * MiB}, time.Second,
			"film.mov            ━━━━━━━╸  99 %  100 MiB of 100 MiB  45 MiB/s  0 s left",
			"film.mov    99 %  45 MiB/s  0 s left"},
		{client.Event{Kind: client.Progress, Offset: 200 * MiB, Size: -1}, time.Second,
			"film.mov                     200 MiB  75 MiB/s",
			"film.mov   200 MiB  75 MiB/s"},
	} {
		now = now.Add(step.later)
		s.take(step.event, now)
		check(step.at80, step.at40)
	}
}

// Whatever a file is called, its line fits and does nothing to the terminal.
func TestLinesFit(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	long := &state{offset: 1023 * MiB, size: 1023*MiB + 1}
	long.meter = meter{bytes: 1023 * MiB * 10, seconds: 10, at: now}
	failing := &state{offset: 5, size: 10, cause: &client.ResponseError{Status: 503, Message: strings.Repeat("busy ", 40)}}
	for _, name := range []string{
		strings.Repeat("n", 255), strings.Repeat("日", 85), "\U0001f468\u200d\U0001f680\U0001f3ac.mov", "\u05e1\u05e8\u05d8.mov",
		"\xff\xfe", "a\x1b[2Jb\r\n", "1\u202egpj.exe", "",
	} {
		for _, s := range []*state{{}, {doing: "connecting"}, long, failing, {offset: 1 << 60, size: -1}} {
			for _, columns := range []int{10, 40, 60, 80, 200} {
				line := drawn(still{name, s}, columns, true, now)
				if width := runewidth.StringWidth(line); width > columns-3 {
					t.Errorf("%q has %d columns of %d", line, width, columns)
				}
				if clean(line) != line || strings.Contains(line, "\u202e") {
					t.Errorf("%q does something to a terminal", line)
				}
			}
		}
	}
}

func TestTallyOfAllFiles(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tally := newTally(3, 300*MiB)
	tally.move(0, 100*MiB, false, now) // resumed there
	tally.move(0, 50*MiB, true, now.Add(5*time.Second))
	tally.end()
	now = now.Add(5 * time.Second)
	for columns, want := range map[int]string{
		80: "1 of 3 files        ====>---  50 %  150 MiB of 300 MiB  10 MiB/s  15 s left",
		40: "1/3         50 %  10 MiB/s  15 s left",
	} {
		if got := drawn(tally, columns, false, now); got != want {
			t.Errorf("%d columns:\n%q, want\n%q", columns, got, want)
		}
	}
}

// The speed neither jumps with bursts nor stays when nothing moves.
func TestMeter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var m meter
	if m.speed(now) != 0 || m.left(1, now) >= 0 {
		t.Error("a speed without bytes")
	}
	m.add(0, now)
	m.add(1000, now.Add(time.Millisecond))
	if speed := m.speed(now.Add(time.Millisecond)); speed != 0 {
		t.Errorf("%.0f B/s after a millisecond", speed)
	}
	for range 300 { // 1000 B/s in bursts of two
		now = now.Add(100 * time.Millisecond)
		m.add(100, now)
		m.add(0, now)
	}
	if speed := m.speed(now); speed < 990 || speed > 1100 {
		t.Errorf("%.0f B/s, want 1000", speed)
	}
	if later := m.speed(now.Add(15 * time.Second)); later > 60 {
		t.Errorf("still %.0f B/s, 15 s after the last byte", later)
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

func TestExitCodes(t *testing.T) {
	for _, tc := range []struct {
		name string
		of   outcome
		want int
	}{
		{"all", outcome{files: 2, codes: []int{0, 0}}, exitOK},
		{"no files", outcome{}, exitOK},
		{"the only one failed", outcome{files: 1, codes: []int{1}}, exitFailed},
		{"some failed", outcome{files: 3, codes: []int{0, 1, 4}}, exitSome},
		{"all failed in one way", outcome{files: 2, codes: []int{4, 4}}, exitChanged},
		{"all failed in several ways", outcome{files: 2, codes: []int{4, 1}}, exitFailed},
		{"the rest can be resumed", outcome{files: 4, codes: []int{0, 5, 5}}, exitTemporary},
		{"not all of the rest can", outcome{files: 4, codes: []int{0, 5, 1}}, exitSome},
		{"one was interrupted", outcome{files: 2, codes: []int{0, 130}, interrupted: true}, exitInterrupted},
		{"some were not begun", outcome{files: 3, codes: []int{0, 0}, interrupted: true}, exitInterrupted},
		{"interrupted when all was done", outcome{files: 1, codes: []int{0}, interrupted: true}, exitOK},
	} {
		if got := tc.of.code(); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}
