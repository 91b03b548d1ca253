//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// stock is what longhauld is measured against. Another version is another
// baseline: the README's numbers change with it.
const stock = "github.com/tus/tusd/v2/cmd/tusd@v2.10.0"

// warmUp is how many rounds of a contest do not count. In virtual machines the
// first use of memory is slow, whoever uses it.
const warmUp = 1

// contestant is one of the two servers.
type contestant struct {
	*servertest.Process
	*testing.B
	data string // its directory
}

// sample is what one round cost one server, by unit.
type sample map[string]float64

// contest has longhauld and tusd each take a round in turn, b.N times, and
// reports the medians of both and their ratio. start starts the two anew for
// each round, or once for all.
func contest(b *testing.B, start func(*testing.B) [2]*contestant, round func(*contestant) sample) {
	var samples [2][]sample
	for i := 0; i < warmUp || b.Loop(); i++ {
		servers := start(b)
		for who := range servers {
			who = (who + i) % 2 // neither is always the second
			if s := round(servers[who]); i >= warmUp {
				samples[who] = append(samples[who], s)
			}
		}
	}
	for unit := range samples[0][0] {
		ours, theirs := median(samples[0], unit), median(samples[1], unit)
		b.ReportMetric(ours, unit)
		b.ReportMetric(theirs, "tusd-"+unit)
		b.ReportMetric(ours/theirs, unit+"-ratio")
	}
	b.ReportMetric(0, "ns/op") // of both together says nothing
}

func median(samples []sample, unit string) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s[unit]
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// once starts both servers for all rounds, longhauld with flags.
func once(flags ...string) func(*testing.B) [2]*contestant {
	var servers [2]*contestant
	return func(b *testing.B) [2]*contestant {
		if servers[0] == nil {
			servers = bothServers(b, flags...)
		}
		return servers
	}
}

// bothServers starts longhauld and tusd as they are without any settings but
// for address, directory and longhauld's flags, which end with b.
func bothServers(b *testing.B, flags ...string) [2]*contestant {
	b.Helper()
	tusd, err := stockTusd()
	if err != nil {
		b.Fatal(err)
	}
	start := func(bin string, args ...string) *contestant {
		dir := b.TempDir()
		p, err := servertest.Start(bin, dir, nil, args...)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := p.Kill(); err != nil {
				b.Error(err)
			}
		})
		return &contestant{Process: p, B: b, data: filepath.Join(dir, "data")}
	}
	return [2]*contestant{
		start(filepath.Join(bin, "longhauld"), append(flags, "--data", "data", "--listen", "127.0.0.1:0")...),
		start(tusd, "-upload-dir", "data", "-host", "127.0.0.1", "-port", "0"),
	}
}

// stockTusd builds tusd as anybody gets it.
var stockTusd = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "install", stock)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install %s: %w\n%s", stock, err, out)
	}
	return filepath.Join(bin, "tusd"), nil
})

// cpu returns how much processor time the server has used.
func (c *contestant) cpu() time.Duration {
	c.Helper()
	stat := c.proc("stat")
	// Fields 14 and 15 of proc_pid_stat(5), in clock ticks, of which every Linux
	// has 100 a second. The second field may have spaces, and ends with a
	// parenthesis.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	ticks := int64(0)
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			c.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// memory returns how many bytes of memory the server holds.
func (c *contestant) memory() int64 {
	c.Helper()
	_, rest, _ := bytes.Cut(c.proc("status"), []byte("VmRSS:"))
	var kib int64
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		c.Fatal(err)
	}
	return kib << 10
}

func (c *contestant) proc(file string) []byte {
	c.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.PID(), file))
	if err != nil {
		c.Fatal(err)
	}
	return text
}
