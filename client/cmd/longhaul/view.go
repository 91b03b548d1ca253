package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/longhaul-io/longhaul/client"
)

// lineEvery is how often a line tells the progress where there are no bars.
const lineEvery = 10 * time.Second

// view shows one file while it is on its way: as a bar on a terminal, as lines
// elsewhere, and as JSON.
type view struct {
	u     *ui
	path  string
	tally *tally
	alone bool // it is the only file
	timer *time.Timer

	mu        sync.Mutex // guards the following; never held while something is printed
	state     state
	counted   int64 // what of the file is in the tally
	verifying bool
	told      time.Time // when the last line was printed
	bar       *mpb.Bar
	ended     bool
}

// begin shows the file at path until end; order is its place among the bars.
func (u *ui) begin(path string, t *tally, order int) *view {
	v := &view{u: u, path: path, tally: t, alone: t.files == 1, told: time.Now()}
	v.state = state{doing: "connecting"}
	if u.terminal && !u.quiet {
		v.timer = time.AfterFunc(patience, func() { v.show(order) })
	}
	return v
}

func (v *view) show(order int) {
	v.u.mu.Lock()
	b := v.u.board
	v.u.mu.Unlock()
	if b == nil {
		return
	}
	bar := b.add(v, order)
	v.mu.Lock()
	v.bar = bar
	late := v.ended
	v.mu.Unlock()
	if late {
		b.remove(bar)
	}
}

// end takes the view off the screen.
func (v *view) end() {
	v.tally.end()
	if v.timer == nil {
		return
	}
	v.timer.Stop()
	v.mu.Lock()
	v.ended = true
	bar := v.bar
	v.mu.Unlock()
	v.u.mu.Lock()
	b := v.u.board
	v.u.mu.Unlock()
	if b != nil {
		b.remove(bar)
	}
}

// stored says that the file is there as a whole, of which size bytes count.
func (v *view) stored(size int64) {
	v.mu.Lock()
	from := v.counted
	v.counted = size
	v.mu.Unlock()
	v.tally.move(from, size, false, time.Now())
}

// event takes an event of the library.
func (v *view) event(e client.Event) {
	now := time.Now()
	v.mu.Lock()
	v.state.take(e, now)
	if e.Kind != client.Verifying && e.Kind != client.Retrying {
		from := v.counted
		v.counted = e.Offset
		v.tally.move(from, e.Offset, e.Kind == client.Progress, now)
	}
	line := v.line(e, now)
	v.mu.Unlock()
	v.u.event(jsonOf(v.path, e))
	if line != "" && !v.u.quiet {
		v.u.say("%s: %s", clean(calling(v.path)), line)
	}
}

// line is what an event is worth printing, if anything.
func (v *view) line(e client.Event, now time.Time) string {
	if v.u.terminal {
		if e.Kind == client.Notice || e.Kind == client.Resumed {
			return describe(e)
		}
		return ""
	}
	switch e.Kind {
	case client.Verifying:
		if v.verifying || e.Size <= e.Offset {
			return ""
		}
		v.verifying = true
		return fmt.Sprintf("comparing %s with what the server has", amount(e.Size))
	case client.Progress:
		if now.Sub(v.told) < lineEvery {
			return ""
		}
		v.told = now
		return v.state.texts(now)[0]
	case client.Started:
		if !v.alone {
			return ""
		}
	}
	return describe(e)
}

func (v *view) name(int) string { return calling(v.path) }

func (v *view) fraction() float64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.state.fraction()
}

func (v *view) texts(now time.Time) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.state.texts(now)
}

// describe puts an event into words.
func describe(e client.Event) string {
	switch e.Kind {
	case client.Started:
		if e.Size < 0 {
			return "started"
		}
		return "started, " + amount(e.Size)
	case client.Resumed:
		return "resumed at " + of(e.Offset, e.Size)
	case client.Retrying:
		return retrying(e.Wait, e.Err)
	case client.Notice:
		return clean(e.Err.Error())
	}
	return ""
}

func retrying(wait time.Duration, err error) string {
	text := "retrying now"
	if wait >= 500*time.Millisecond {
		text = fmt.Sprintf("retrying in %d s", int(wait.Round(time.Second).Seconds()))
	}
	if err != nil {
		text += fmt.Sprintf(" (%s)", clean(short(err)))
	}
	return text
}
