// Package servertest runs the real longhauld for tests, and kills it. It can run
// stock tusd too, which longhauld is measured against. It also writes the
// certificates that tests show.
package servertest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second
	// StopTimeout is how long longhauld may take to stop.
	StopTimeout = 10 * time.Second
)

// Process is a running server.
type Process struct {
	// Addr is where it listens, for example "127.0.0.1:40123".
	Addr string
	// Endpoint is where it takes uploads, if the base path is the default one.
	Endpoint string

	cmd    *exec.Cmd
	stderr *syncBuffer
	exited chan error
}

// listening is what longhauld and tusd print when they do.
var listening = regexp.MustCompile(`^listening on http://(\S+)|upload files to: http://([^/]+)/`)

// Start runs the binary bin with args, in the directory dir (empty means the
// test's own) and with env (nil means the test's own), and returns when it
// listens. args choose the address; without --listen the last argument wins.
func Start(bin, dir string, env []string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(bin, args...), stderr: new(syncBuffer), exited: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = dir, env, p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	addr := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				addr <- m[1] + m[2]
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
		p.exited <- p.cmd.Wait()
	}()
	select {
	case p.Addr = <-addr:
		p.Endpoint = "http://" + p.Addr + "/files/"
		return p, nil
	case err := <-p.exited:
		return nil, fmt.Errorf("longhauld ended instead of listening: %v: %s", err, p.Log())
	case <-time.After(startTimeout):
		return nil, errors.Join(fmt.Errorf("longhauld did not listen in %s: %s", startTimeout, p.Log()), p.Kill())
	}
}

// PID returns the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log returns what the process has written to its standard error.
func (p *Process) Log() string { return p.stderr.String() }

// Kill ends the process as a crash does, with SIGKILL, and waits for its end.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	p.exited <- <-p.exited // whoever asks next finds it too
	return nil
}

// Stop asks the process to end, with SIGTERM, and returns an error unless it
// does so in time and with exit code 0.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-p.exited:
		p.exited <- err
		if err != nil {
			return fmt.Errorf("longhauld stopped with %w: %s", err, p.Log())
		}
		return nil
	case <-time.After(StopTimeout):
		return errors.Join(fmt.Errorf("longhauld did not stop in %s: %s", StopTimeout, p.Log()), p.Kill())
	}
}

// Stacks ends the process, with SIGQUIT, and returns the stacks of the goroutines
// that it had, as the Go runtime prints them.
func (p *Process) Stacks() (string, error) {
	before := len(p.Log())
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return "", err
	}
	select {
	case err := <-p.exited:
		p.exited <- err
		return p.Log()[before:], nil
	case <-time.After(StopTimeout):
		return "", errors.Join(fmt.Errorf("longhauld did not end in %s", StopTimeout), p.Kill())
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
