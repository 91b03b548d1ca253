//go:build linux

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	longhaul "github.com/longhaul-io/longhaul/client"
)

// Half a gibibyte over a link that breaks every 37 MiB, while the server is
// killed twice: it arrives as it is, and once.
func TestHardWay(t *testing.T) {
	const size, every = 512 << 20, 37 << 20
	tusd, err := stockTusd()
	if err != nil {
		t.Fatal(err)
	}
	for name, program := range map[string]string{"longhauld": "", "tusd": tusd} {
		for how, send := range map[string]func(path string) (longhaul.Config, longhaul.Source, longhaul.Options){
			"one request": func(path string) (longhaul.Config, longhaul.Source, longhaul.Options) {
				return longhaul.Config{}, longhaul.File(path), longhaul.Options{}
			},
			"without digests": func(path string) (longhaul.Config, longhaul.Source, longhaul.Options) {
				return longhaul.Config{NoDigest: true}, longhaul.File(path), longhaul.Options{}
			},
			"parts": func(path string) (longhaul.Config, longhaul.Source, longhaul.Options) {
				return longhaul.Config{}, longhaul.File(path), longhaul.Options{Parallel: 4}
			},
			"stream": func(path string) (longhaul.Config, longhaul.Source, longhaul.Options) {
				in, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				return longhaul.Config{}, longhaul.Reader(path, in), longhaul.Options{}
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				f := &field{t: t, dir: t.TempDir(), tusd: program}
				f.run()
				path := f.file("large.bin", size)
				endpoint, proxy := f.link(0)
				proxy.CutAfter(every, 1<<30)
				config, source, options := send(path)
				f.sendAndKill(endpoint, config, source, options, size/3, 2*size/3)
				f.holdsOnly(path)
			})
		}
	}
}

// sendAndKill uploads source, and kills and starts the server again when so many
// bytes are stored.
func (f *field) sendAndKill(endpoint string, config longhaul.Config, source longhaul.Source, options longhaul.Options, kills ...int64) {
	f.t.Helper()
	config.StateDir = filepath.Join(f.dir, "state")
	c, err := longhaul.New(endpoint, config)
	if err != nil {
		f.t.Fatal(err)
	}
	defer c.Close()
	stored := make(chan int64, 1)
	options.Notify = func(e longhaul.Event) {
		select {
		case stored <- e.Stored:
		default:
		}
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.Upload(context.Background(), source, options)
		done <- err
	}()
	for {
		select {
		case n := <-stored:
			if len(kills) > 0 && n >= kills[0] {
				kills = kills[1:]
				f.restart()
			}
		case err := <-done:
			if err != nil {
				f.t.Fatal(err)
			}
			if len(kills) > 0 {
				f.t.Errorf("%d times fewer killed than meant", len(kills))
			}
			return
		}
	}
}

// holdsOnly fails the test unless the server comes to have the file at path, and
// nothing else of its size: longhauld folds parts after it has answered.
func (f *field) holdsOnly(path string) {
	f.t.Helper()
	want, err := os.Stat(path)
	if err != nil {
		f.t.Fatal(err)
	}
	var found []string
	for deadline := time.Now().Add(time.Minute); len(found) == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found = f.filesOf(want.Size())
	}
	if len(found) != 1 {
		f.t.Fatalf("the server has %d files of %d bytes", len(found), want.Size())
	}
	if f.sum(found[0]) != f.sum(path) {
		f.t.Errorf("%s is something else", found[0])
	}
}

// filesOf returns the paths of the server's files of so many bytes.
func (f *field) filesOf(size int64) (found []string) {
	patterns := []string{"data/files/*"}
	if f.tusd != "" {
		patterns = []string{"data/*"}
	}
	for _, pattern := range patterns {
		files, _ := filepath.Glob(filepath.Join(f.dir, pattern))
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Size() == size {
				found = append(found, file)
			}
		}
	}
	return found
}

// Names that are hard on programs, sizes too.
func TestNames(t *testing.T) {
	f := newField(t)
	sent := map[[32]byte]string{}
	for name, size := range map[string]int64{
		"empty": 0,
		"\U0001F69B\U0001F4E6 \U0001F468\u200d\U0001F469\u200d\U0001F467.bin": 1000,
		"\u05e7\u05d5\u05d1\u05e5 \u0645\u0644\u0641.txt":                     1000,
		strings.Repeat("n", 251) + ".bin":                                     70_000,
		strings.Repeat("\u00e4", 125) + ".b":                                  1,
		"-rf":                                                                 2,
		"a % b # c ; d & e = f.txt":                                           3,
	} {
		path := f.file(name, size)
		f.push("--", path, f.server.Endpoint)
		sent[f.sum(path)] = name
	}
	// The server shortens what would leave it no room for a second such name.
	files, err := filepath.Glob(filepath.Join(f.dir, "data", "files", "*"))
	if err != nil || len(files) != len(sent) {
		t.Errorf("finished files: %q, %v; want %d", files, err, len(sent))
	}
	for _, file := range files {
		name, known := sent[f.sum(file)]
		if got := filepath.Base(file); !known || got != name && len(name) < 250 {
			t.Errorf("%q arrived as %q", name, got)
		}
	}
}
