package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"

	"github.com/longhaul-io/longhaul/client"
)

// ui is the only thing that prints: results to stdout, the rest to stderr.
type ui struct {
	stdout, stderr io.Writer
	terminal       bool // stderr is one
	fancy          bool // it shows more than ASCII
	quiet          bool // no progress
}

func newUI(stdout, stderr io.Writer, getenv func(string) string) *ui {
	u := &ui{stdout: stdout, stderr: stderr}
	if f, ok := stderr.(*os.File); ok && getenv("TERM") != "dumb" {
		u.terminal = term.IsTerminal(int(f.Fd()))
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			u.fancy = strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8")
			break
		}
	}
	return u
}

// fail shows the error of a command, if that was not done yet, and returns its
// exit code.
func (u *ui) fail(err error) int {
	var code exitError
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		u.failure(&failure{text: usage.text, hint: usage.hint})
		return exitUsage
	}
	u.failure(&failure{text: err.Error(), hint: `see "longhaul help"`})
	return exitUsage
}

func (u *ui) failure(f *failure) {
	word := "error"
	if f.code == exitInterrupted {
		word = "stopped"
	}
	fmt.Fprintf(u.stderr, "%s: %s\nhint: %s\n", word, clean(f.text), clean(f.hint))
}

// stored is the one line per file for people and programs; the URL stands last.
func (u *ui) stored(path string, r client.Result) {
	what, how := "stored", ""
	switch {
	case r.AlreadyThere:
		what = "already there"
	case r.Sent < r.Size:
		how = fmt.Sprintf(" (%s sent now)", bytes(r.Sent))
	}
	if r.Open {
		how += ", open for more,"
	}
	fmt.Fprintf(u.stdout, "%s %s: %s%s at %s\n", what, clean(path), bytes(r.Size), how, r.URL)
}

// view shows one file while it is pushed.
type view interface {
	event(client.Event)
	end()
}

func (u *ui) begin(path string) view {
	name := clean(filepath.Base(path))
	switch {
	case u.quiet:
		return silence{}
	case u.terminal:
		return newBar(u, name)
	}
	return &lines{u: u, name: name}
}

type silence struct{}

func (silence) event(client.Event) {}
func (silence) end()               {}

// lines is a view for files and pipes.
type lines struct {
	u         *ui
	name      string
	verifying bool
}

func (l *lines) event(e client.Event) {
	switch e.Kind {
	case client.Verifying:
		if !l.verifying && e.Size > e.Offset {
			l.say("comparing %s with what the server has", bytes(e.Size))
			l.verifying = true
		}
	case client.Progress:
	default:
		l.say("%s", describe(e))
	}
}

func (l *lines) say(format string, args ...any) {
	fmt.Fprintf(l.u.stderr, "%s: %s\n", l.name, fmt.Sprintf(format, args...))
}

func (l *lines) end() {}

// describe puts an event into words.
func describe(e client.Event) string {
	switch e.Kind {
	case client.Started:
		return "started, " + bytes(e.Size)
	case client.Resumed:
		return fmt.Sprintf("resumed at %s of %s", bytes(e.Offset), bytes(e.Size))
	case client.Retrying:
		return retrying(e.Wait, e.Err)
	case client.Notice:
		return clean(e.Err.Error())
	}
	return ""
}

func retrying(wait time.Duration, err error) string {
	pause := "now"
	if wait >= 500*time.Millisecond {
		pause = fmt.Sprintf("in %d s", int(wait.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("retrying %s (%s)", pause, clean(short(err)))
}

// bytes is a size for people, e.g. "1.5 GiB".
func bytes(n int64) string { return humanize.IBytes(uint64(max(0, n))) }

// clean takes out what would do something to a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
