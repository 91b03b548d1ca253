//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A server that tells no digest, a file that was written to since the push was
// killed, and a time that was set back: nothing is mixed.
func TestChangedFileAtAServerWithoutDigests(t *testing.T) {
	tusd, err := stockTusd()
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]int64{"head": 0, "tail": 3<<20 - 100} {
		for _, flags := range [][]string{nil, {"--no-digest"}, {"--parallel", "2"}} {
			t.Run(fmt.Sprint(name, flags), func(t *testing.T) {
				f := &field{t: t, dir: t.TempDir(), tusd: tusd}
				f.run()
				path := f.file("film.mov", 12<<20)
				endpoint, proxy := f.link(8 << 20)
				args := append([]string{"push"}, flags...)
				push := f.longhaul(append(args, path, endpoint)...)
				if err := push.Start(); err != nil {
					t.Fatal(err)
				}
				f.has(4 << 20)
				if err := errors.Join(push.Process.Kill(), ignoreExit(push.Wait())); err != nil {
					t.Fatal(err)
				}
				before, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				file, err := os.OpenFile(path, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				_, err = file.WriteAt([]byte("other bytes"), at)
				if err := errors.Join(err, file.Close(), os.Chtimes(path, before.ModTime(), before.ModTime())); err != nil {
					t.Fatal(err)
				}
				proxy.Limit(0)
				out, err := f.longhaul(append(args, path, endpoint)...).CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.ExitCode() != 4 || !bytes.Contains(out, []byte("film.mov changed: ")) {
					t.Errorf("%v\n%s\nwant exit code 4 and the reason", err, out)
				}
				if out, err := f.longhaul(append(args, "--on-change", "restart", path, endpoint)...).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				f.holdsOnly(path)
			})
		}
	}
}

// has waits until a stock tusd has n bytes on disk.
func (f *field) has(n int64) {
	f.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		sum := int64(0)
		files, _ := filepath.Glob(filepath.Join(f.dir, "data", "*"))
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && filepath.Ext(file) != ".info" {
				sum += info.Size()
			}
		}
		if sum >= n {
			return
		}
	}
	f.t.Fatalf("less than %d bytes arrived", n)
}
