package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/longhaul-io/longhaul/client"
)

// ui is the only thing that prints: results to stdout, the rest to stderr. It is
// safe for concurrent use.
type ui struct {
	stdout, stderr io.Writer
	terminal       bool // stderr is one
	together       bool // stdout is one too, so that its lines have to stand above the bars
	fancy          bool // the terminal shows more than ASCII
	quiet          bool // no progress
	json           bool // events on stdout, no lines for people there

	mu    sync.Mutex // held while one line is printed; guards the following
	board *board     // the bars on the screen; nil if there are none
}

func newUI(stdout, stderr io.Writer, getenv func(string) string) *ui {
	u := &ui{stdout: stdout, stderr: stderr}
	u.terminal = isTerminal(stderr) && getenv("TERM") != "dumb"
	u.together = u.terminal && isTerminal(stdout)
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := getenv(name); locale != "" {
			u.fancy = strings.Contains(strings.ToUpper(strings.ReplaceAll(locale, "-", "")), "UTF8")
			break
		}
	}
	return u
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// out prints a line to stdout.
func (u *ui) out(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	w := u.stdout
	if u.board != nil && u.together {
		w = u.board.progress
	}
	fmt.Fprintf(w, format+"\n", args...)
}

// say prints a line to stderr.
func (u *ui) say(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	w := u.stderr
	if u.board != nil {
		w = u.board.progress
	}
	fmt.Fprintf(w, format+"\n", args...)
}

// event prints an event as a line of JSON, if that is wanted.
func (u *ui) event(e jsonEvent) {
	if !u.json {
		return
	}
	e.Time = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	line, err := json.Marshal(e)
	if err != nil {
		line = fmt.Appendf(nil, `{"event":%q,"error":%q}`, e.Event, err)
	}
	u.out("%s", line)
}

// fail shows the error of a command, if that was not done yet, and returns its
// exit code.
func (u *ui) fail(err error) int {
	var code exitError
	var usage *usageError
	var f *failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		u.failure(&failure{text: "before the end", code: exitInterrupted})
		return exitInterrupted
	case errors.As(err, &f):
		u.failure(f)
		return f.code
	case errors.As(err, &usage):
		u.failure(&failure{text: usage.text, hint: usage.hint})
		return exitUsage
	}
	u.failure(&failure{text: err.Error(), hint: `see "longhaul help"`})
	return exitUsage
}

// failure tells what went wrong and what to do, e.g.
//
//	error: film.mov does not exist
//	hint: check the name, and the directory that you are in
func (u *ui) failure(f *failure) {
	word := "error"
	if f.code == exitInterrupted {
		word = "stopped"
	}
	text := word + ": " + clean(f.text)
	if f.hint != "" {
		text += "\nhint: " + clean(f.hint)
	}
	u.say("%s", text)
}

// hint is advice that belongs to several lines before it.
func (u *ui) hint(text string) { u.say("hint: %s", clean(text)) }

// stored is the one line per file for people and programs; the URL stands last.
func (u *ui) stored(path string, r client.Result) {
	what, how := "stored", ""
	switch {
	case r.AlreadyThere:
		what = "already there"
	case r.Sent < r.Size:
		how = fmt.Sprintf(" (%s sent now)", amount(r.Sent))
	}
	if r.Open {
		how += ", open for more,"
	}
	u.event(jsonEvent{Event: "stored", jsonPath: pathOf(path), URL: r.URL, Offset: &r.Offset, Size: &r.Size, Sent: &r.Sent, Open: r.Open, Verified: r.Verified, SHA256: hex.EncodeToString(r.SHA256)})
	if !u.json {
		u.out("%s %s: %s%s at %s", what, clean(calling(path)), amount(r.Size), how, r.URL)
	}
}

// received is the line of a download, on stderr where its bytes go to stdout.
func (u *ui) received(path string, r client.DownloadResult, toStdout bool) {
	what, how := "received", ""
	switch {
	case r.AlreadyThere:
		what = "already there"
	case r.Received < r.Size:
		how = fmt.Sprintf(" (%s received now)", amount(r.Received))
	}
	if !r.Verified {
		how += ", not verified: the server tells no digest"
	}
	u.event(jsonEvent{Event: "received", jsonPath: pathOf(path), Offset: &r.Offset, Size: &r.Size, Received: &r.Received, Verified: r.Verified, SHA256: hex.EncodeToString(r.SHA256)})
	switch {
	case toStdout && !u.quiet:
		u.say("%s %s: %s%s", what, clean(path), amount(r.Size), how)
	case !toStdout && !u.json:
		u.out("%s %s: %s%s", what, clean(path), amount(r.Size), how)
	}
}

// open puts bars on the screen, where there is one, until close.
func (u *ui) open(t *tally) {
	if u.quiet || !u.terminal {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.board = newBoard(u, t)
}

func (u *ui) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.board != nil {
		u.board.end()
		u.board = nil
	}
}
