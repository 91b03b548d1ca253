// Longhaul pushes files to a tus server and never sends a byte twice.
//
//	longhaul push FILE|DIR... URL
//	longhaul pull URL
//
// See "longhaul help" for all commands, and "longhaul help push" for its flags,
// exit codes and events.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The second signal ends a program that does not come to its end by itself.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, call{os.Args[1:], os.Getenv, os.Stdin}, os.Stdout, os.Stderr))
}

// call is what the program was given.
type call struct {
	args   []string // without its own name
	getenv func(string) string
	stdin  io.Reader
}

// run is the program: it returns the exit code. Ending ctx is Ctrl-C.
func run(ctx context.Context, call call, stdout, stderr io.Writer) int {
	u := newUI(stdout, stderr, call.getenv)
	root := newRoot(u, call)
	root.SetArgs(call.args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return u.fail(root.ExecuteContext(ctx))
}
