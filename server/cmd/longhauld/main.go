// Command longhauld is the Longhaul server.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Nobody reading the output is no reason to stop serving.
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		// Open requests hold most of the memory, and twice as much is not needed to
		// find the little garbage in between. See BenchmarkSlowUploads.
		debug.SetGCPercent(50)
	}
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
