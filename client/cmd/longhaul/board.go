package main

import (
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	// refresh is how often bars are drawn.
	refresh = 120 * time.Millisecond
	// patience is how long a file must be on its way before it gets a bar: with
	// thousands of small ones the screen would flicker.
	patience = 300 * time.Millisecond
)

// board is a number of bars at the bottom of a terminal, e.g.
//
//	film.mov          ━━━━━╸──  61 %  1.9 GiB of 3.1 GiB  85 MiB/s  15 s left
//	rushes/day 1.mov  ━━╸─────  30 %  0.6 GiB of 2.0 GiB  40 MiB/s  36 s left
//	3 of 12 files     ━━━╸────  44 %  7.1 GiB of  16 GiB  125 MiB/s  2 min left
//
// The last line is there for several files only.
type board struct {
	progress *mpb.Progress
	fancy    bool

	mu    sync.Mutex // guards the following
	bars  map[*mpb.Bar]bool
	ended bool
}

// shown is what a bar shows.
type shown interface {
	name(width int) string // may be longer
	fraction() float64     // negative for no bar
	texts(now time.Time) []string
}

func newBoard(u *ui, t *tally) *board {
	b := &board{fancy: u.fancy, bars: map[*mpb.Bar]bool{}}
	b.progress = mpb.New(mpb.WithOutput(u.stderr), mpb.WithRefreshRate(refresh))
	if t.files > 1 {
		b.add(t, math.MaxInt)
	}
	return b
}

// add puts a bar above those with a greater order. It is nil once the board has
// ended.
func (b *board) add(s shown, order int) *mpb.Bar {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return nil
	}
	bar := b.progress.MustAdd(0, mpb.BarFillerFunc(func(w io.Writer, stat decor.Statistics) error {
		_, err := io.WriteString(w, drawn(s, stat.AvailableWidth, b.fancy, time.Now()))
		return err
	}), mpb.BarFillerTrim(), mpb.BarPriority(order))
	b.bars[bar] = true
	return bar
}

// remove takes a bar off the screen.
func (b *board) remove(bar *mpb.Bar) {
	if bar == nil {
		return
	}
	b.mu.Lock()
	delete(b.bars, bar)
	b.mu.Unlock()
	bar.Abort(true)
}

// end takes all bars off the screen and waits until that is done.
func (b *board) end() {
	b.mu.Lock()
	b.ended = true
	for bar := range b.bars {
		bar.Abort(true)
	}
	b.mu.Unlock()
	b.progress.Wait()
}

// layout says how many columns a line, the name and the bar in it have. The last
// columns stay free: a terminal echoes Ctrl-C there, and a line that this breaks
// cannot be taken off the screen.
func layout(columns int) (line, name, bar int) {
	switch {
	case columns >= 110:
		return columns - 3, 28, 26
	case columns >= 70:
		return columns - 3, 18, 8
	case columns >= 55:
		return columns - 3, 14, 0
	}
	return columns - 3, 10, 0
}

// drawn is the line of s.
func drawn(s shown, columns int, fancy bool, now time.Time) string {
	width, nameWidth, barWidth := layout(columns)
	name := clean(s.name(nameWidth))
	if excess := runewidth.StringWidth(name) - nameWidth; excess > 0 {
		// The end of a path tells more than its beginning.
		mark := "…"
		if !fancy {
			mark = "~"
		}
		name = mark + runewidth.TruncateLeft(name, excess+1, "")
	}
	line := runewidth.FillRight(name, nameWidth) + " "
	if barWidth > 0 {
		line += " " + barOf(s.fraction(), barWidth, fancy) + " "
	}
	rest := width - runewidth.StringWidth(line)
	text := ""
	for _, text = range s.texts(now) {
		if runewidth.StringWidth(text) <= rest {
			break
		}
	}
	return runewidth.Truncate(line+text, width, "")
}

// barOf draws the part of a whole.
func barOf(fraction float64, width int, fancy bool) string {
	full, tip, empty := "=", ">", "-"
	if fancy {
		full, tip, empty = "━", "╸", "─"
	}
	if fraction < 0 {
		return strings.Repeat(" ", width)
	}
	n := int(fraction * float64(width))
	if n == width {
		return strings.Repeat(full, width)
	}
	return strings.Repeat(full, n) + tip + strings.Repeat(empty, width-n-1)
}
