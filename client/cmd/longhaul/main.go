// Longhaul pushes files to a tus server and never sends a byte twice.
//
//	longhaul push FILE... URL
//
// See "longhaul help push" for its flags and exit codes.
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
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code. Ending ctx is Ctrl-C.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	u := newUI(stdout, stderr, getenv)
	root := newRoot(u, args, getenv)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return u.fail(root.ExecuteContext(ctx))
}
