package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/longhaul-io/longhaul/client"
)

const (
	// speedAge is how many seconds count for the speed that is shown.
	speedAge = 5
)

// bar is a view for terminals: one line, e.g.
//
//	film.mov  ━━━━━━━━━━━━━━━╸──────  61 %  1.9 GiB of 3.1 GiB  85 MiB/s  15 s left
type bar struct {
	name     string
	progress *mpb.Progress
	line     *mpb.Bar

	mu     sync.Mutex // guards the following, which mpb's goroutine shows
	offset int64
	size   int64
	doing  string    // in place of speed and time left; empty while bytes move
	until  time.Time // end of a pause; zero if there is none
	cause  error     // of the pause
	speed  float64   // bytes per second; 0 if not known yet
	at     time.Time // of offset
}

func newBar(u *ui, name string) *bar {
	b := &bar{name: name, doing: "connecting"}
	style := mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("╸").Padding("─")
	if !u.fancy {
		style = mpb.BarStyle().Lbound("[").Rbound("]").Filler("=").Tip(">").Padding("-")
	}
	columns, nameWidth, barWidth := u.layout()
	b.progress = mpb.New(mpb.WithOutput(u.stderr), mpb.WithRefreshRate(tick), mpb.WithWidth(columns))
	b.line = b.progress.New(0, style, mpb.BarWidth(barWidth),
		mpb.PrependDecorators(decor.Name(runewidth.Truncate(name, nameWidth, "…"), decor.WC{C: decor.DindentRight | decor.DextraSpace})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.text(time.Now()) })),
	)
	return b
}

// layout says how many columns the line, the name and the bar in it may have.
// The last columns stay free: a terminal echoes Ctrl-C there, and a line that
// this breaks cannot be taken off the screen.
func (u *ui) layout() (line, name, bar int) {
	columns := 80
	if f, ok := u.stderr.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			columns = width
		}
	}
	if columns < 110 {
		return columns - 3, 16, 8
	}
	return columns - 3, 24, 30
}

const tick = 120 * time.Millisecond

func (b *bar) event(e client.Event) {
	b.mu.Lock()
	b.take(e, time.Now())
	b.mu.Unlock()
	b.line.SetTotal(b.size, false)
	b.line.SetCurrent(b.offset)
	if e.Kind == client.Notice || e.Kind == client.Resumed {
		fmt.Fprintf(b.progress, "%s: %s\n", b.name, describe(e))
	}
}

// take makes the state of an event the bar's.
func (b *bar) take(e client.Event, now time.Time) {
	b.doing, b.until, b.cause = "", time.Time{}, nil
	switch e.Kind {
	case client.Retrying:
		// What the server has of the broken request is not known before it is asked.
		b.until, b.cause, b.speed, e.Offset = now.Add(e.Wait), e.Err, 0, max(e.Offset, b.offset)
	case client.Verifying:
		b.doing = "comparing"
	case client.Progress:
		b.measure(e.Offset, now)
	}
	b.offset, b.size, b.at = e.Offset, e.Size, now
}

// measure makes the speed follow the last seconds.
func (b *bar) measure(offset int64, now time.Time) {
	seconds := now.Sub(b.at).Seconds()
	if seconds <= 0 || offset < b.offset {
		return
	}
	latest := float64(offset-b.offset) / seconds
	if b.speed == 0 {
		b.speed = latest
		return
	}
	weight := min(1, seconds/speedAge)
	b.speed += weight * (latest - b.speed)
}

// text is what stands to the right of the bar.
func (b *bar) text(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	part := fmt.Sprintf(" %3d %%", percent(b.offset, b.size))
	done := fmt.Sprintf("%s  %s of %s", part, amount(b.offset), amount(b.size))
	switch {
	case b.cause != nil:
		return part + "  " + retrying(max(0, b.until.Sub(now)), b.cause)
	case b.size == 0:
		return "  " + b.doing
	case b.doing != "":
		return done + "  " + b.doing
	case b.speed < 1:
		return done
	}
	left := time.Duration(float64(b.size-b.offset) / b.speed * float64(time.Second))
	return fmt.Sprintf("%s  %s/s  %s left", done, amount(int64(b.speed)), duration(left))
}

// percent never says 100 before everything is there.
func percent(offset, size int64) int64 {
	if size == 0 || offset >= size {
		return 100
	}
	return int64(float64(offset) / float64(size) * 100)
}

// duration is a time for people, e.g. "1 h 5 min".
func duration(d time.Duration) string {
	switch seconds := int(d.Round(time.Second).Seconds()); {
	case seconds < 100:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min", (seconds+30)/60)
	case seconds < 100*3600:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds%3600/60)
	default:
		return fmt.Sprintf("%d days", seconds/86400)
	}
}

// end takes the bar off the screen.
func (b *bar) end() {
	b.line.Abort(true)
	b.progress.Wait()
}
