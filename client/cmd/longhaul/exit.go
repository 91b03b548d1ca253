package main

import "fmt"

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

// together is the exit code for several files, of which the last were not tried
// if there are fewer codes than files.
func together(codes []int, files int) int {
	done := 0
	for _, code := range codes {
		if code == exitInterrupted {
			return code
		}
		if code == exitOK {
			done++
		}
	}
	switch last := codes[len(codes)-1]; {
	case done == files:
		return exitOK
	case done > 0:
		return exitSome
	case len(codes) == 1 || same(codes):
		return last
	}
	return exitFailed
}

func same(codes []int) bool {
	for _, code := range codes {
		if code != codes[0] {
			return false
		}
	}
	return true
}
