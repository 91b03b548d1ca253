package main

import (
	"fmt"
	"slices"
)

// The exit codes; "longhaul help push" explains them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitSome        = 3
	exitChanged     = 4
	exitTemporary   = 5
	exitInterrupted = 130
)

// exitError is an exit code whose reason was shown already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// outcome is what became of the files of a command.
type outcome struct {
	files       int   // in all
	codes       []int // of those that were tried
	sent        int64 // bytes
	interrupted bool
}

// join adds what became of others.
func (o *outcome) join(other outcome) {
	o.files += other.files
	o.codes = append(o.codes, other.codes...)
	o.sent += other.sent
	o.interrupted = o.interrupted || other.interrupted
}

func (o *outcome) stored() (n int) {
	for _, code := range o.codes {
		if code == exitOK {
			n++
		}
	}
	return n
}

// code is the exit code for all files together.
func (o *outcome) code() int {
	bad := slices.DeleteFunc(slices.Clone(o.codes), func(code int) bool { return code == exitOK })
	only := func(code int) bool { return !slices.ContainsFunc(bad, func(c int) bool { return c != code }) }
	missing := o.files - len(o.codes)
	switch {
	case o.interrupted && (missing > 0 || slices.Contains(bad, exitInterrupted)):
		return exitInterrupted
	case len(bad) == 0:
		return exitOK
	case only(exitTemporary):
		return exitTemporary
	case o.stored() > 0:
		return exitSome
	case only(bad[0]):
		return bad[0]
	}
	return exitFailed
}
