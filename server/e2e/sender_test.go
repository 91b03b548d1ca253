//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client/clienttest"
	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// README.md says how to run these, and what they said.

// A file of 2 GiB goes to the same stock tusd by curl, go-tus, tus-js-client, longhaul
// push, the library without digests, and by a program that does nothing but have the
// kernel send it, in turn. What is measured is the sender.
func BenchmarkSenders(b *testing.B) {
	const size = 2 << 30
	f := newSending(b, size)
	senders := []string{"curl", "go-tus", "tus-js", "longhaul", "raw", "bare"}
	samples := map[string][]sample{}
	for i := 0; i < warmUp || b.Loop(); i++ {
		for turn := range senders {
			name := senders[(turn+i)%len(senders)] // nobody always follows the same
			if s := f.send(name); i >= warmUp {
				samples[name] = append(samples[name], s)
			}
		}
	}
	for name, all := range samples {
		for unit := range all[0] {
			b.ReportMetric(median(all, unit), name+"-"+unit)
			if name != "curl" && unit != "MiB" {
				b.ReportMetric(median(all, unit)/median(samples["curl"], unit), name+"/curl-"+unit)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// sending is a file, and a server to send it to.
type sending struct {
	*testing.B
	path     string
	endpoint string
	data     string // the server's directory
}

func newSending(b *testing.B, size int64) *sending {
	b.Helper()
	tusd, err := stockTusd()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	p, err := servertest.Start(tusd, dir, nil, "-upload-dir", "data", "-host", "127.0.0.1", "-port", "0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := p.Kill(); err != nil {
			b.Error(err)
		}
	})
	f := &field{t: b, dir: dir}
	return &sending{b, f.file("large.bin", size), p.Endpoint, filepath.Join(dir, "data")}
}

// send has one of the senders send the file, and returns what that cost it.
func (s *sending) send(name string) sample {
	s.Helper()
	var cmd *exec.Cmd
	switch name {
	case "curl":
		cmd = exec.Command("curl", "-sS", "-f", "-X", "PATCH", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0",
			"-H", "Content-Type: application/offset+octet-stream", "-T", s.path, s.create())
	case "tus-js":
		cmd = exec.Command("node", filepath.Join("testdata", "tusjs.mjs"), s.path, s.endpoint)
	case "bare":
		cmd = exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), senderVariable+"="+name, senderFile+"="+s.path, senderEndpoint+"="+s.create())
	case "longhaul":
		cmd = exec.Command(filepath.Join(bin, "longhaul"), "push", "--quiet", s.path, s.endpoint)
	default:
		cmd = exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), senderVariable+"="+name, senderFile+"="+s.path, senderEndpoint+"="+s.endpoint)
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+s.TempDir())
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("%s: %v\n%s", name, err, out)
	}
	took := time.Since(began)
	s.clear()
	state := cmd.ProcessState
	return sample{
		"s":     took.Seconds(),
		"cpu-s": (state.UserTime() + state.SystemTime()).Seconds(),
		"MiB":   float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024,
	}
}

// create makes an upload of the file's size and returns its URL.
func (s *sending) create() string {
	s.Helper()
	info, err := os.Stat(s.path)
	if err != nil {
		s.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, s.endpoint, nil)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", fmt.Sprint(info.Size()))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

// clear checks that the whole file arrived, and makes room for the next.
func (s *sending) clear() {
	s.Helper()
	want, err := os.Stat(s.path)
	if err != nil {
		s.Fatal(err)
	}
	entries, err := os.ReadDir(s.data)
	if err != nil {
		s.Fatal(err)
	}
	arrived := false
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			s.Fatal(err)
		}
		arrived = arrived || info.Size() == want.Size()
		if err := os.Remove(filepath.Join(s.data, e.Name())); err != nil {
			s.Fatal(err)
		}
	}
	if !arrived {
		s.Fatal("the file did not arrive as a whole")
	}
}

// 200 files of 10 KiB over a link with a round trip of 50 ms, 32 at a time.
func BenchmarkSmallFilesFarAway(b *testing.B) {
	const files, each, trip = 200, 10 << 10, 50 * time.Millisecond
	p, err := servertest.Start(filepath.Join(bin, "longhauld"), b.TempDir(), nil, "--data", "data", "--listen", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := p.Kill(); err != nil {
			b.Error(err)
		}
	})
	proxy := clienttest.NewProxy(b, p.Addr)
	proxy.Delay(trip / 2)
	f := &field{t: b, dir: b.TempDir()}
	if err := os.Mkdir(filepath.Join(f.dir, "small"), 0o700); err != nil {
		b.Fatal(err)
	}
	for i := range files {
		f.file(fmt.Sprintf("small/%d.bin", i), each)
	}
	var samples []sample
	for b.Loop() {
		cmd := exec.Command(filepath.Join(bin, "longhaul"), "push", "--quiet", "--recursive", "--jobs", "32",
			filepath.Join(f.dir, "small"), "http://"+proxy.Addr()+"/files/")
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+b.TempDir())
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		samples = append(samples, sample{"s": time.Since(began).Seconds()})
	}
	b.ReportMetric(median(samples, "s"), "s")
	b.ReportMetric(0, "ns/op")
}
