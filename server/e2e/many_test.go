package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	manyUploads = 100_000
	// maxMemory is what the server may ever have needed, in KiB.
	maxMemory = 64 << 10
	// maxCPU is what two cores have in the two seconds that a start may take. The
	// time itself depends on what else they do.
	maxCPU = 4 * time.Second
)

// A server opens a directory with 100,000 unfinished uploads in two seconds, needs
// little memory for them, and answers for each as if it were alone.
func TestManyUploads(t *testing.T) {
	f := &field{t: t, dir: t.TempDir(), flags: []string{"--min-free", "0"}}
	f.run()
	created, _ := f.ask("POST", f.server.Endpoint, []byte("hello"), "Upload-Length", "10")
	if created.StatusCode != http.StatusCreated {
		t.Fatal(created.Status)
	}
	original := filepath.Base(created.Header.Get("Location"))
	alone := f.timeHeads([]string{original})
	if err := f.server.Stop(); err != nil {
		t.Fatal(err)
	}
	ids := f.multiply(original, manyUploads)
	f.start(f.server.Addr)

	cpu, memory := f.cpuTime(), f.peakMemory()
	opened := regexp.MustCompile(`msg="data directory opened" unfinished=(\d+) .*took=(\S+)`).FindStringSubmatch(f.server.Log())
	if opened == nil {
		t.Fatal("the log does not say what was opened")
	}
	if opened[1] != strconv.Itoa(manyUploads) || cpu > maxCPU || memory > maxMemory {
		t.Errorf("%s uploads opened with %s of CPU and %d KiB; want %d with at most %s and %d KiB", opened[1], cpu, memory, manyUploads, maxCPU, maxMemory)
	}
	among := f.timeHeads(ids[:200])
	t.Logf("%d uploads: opened in %s with %s of CPU and %d KiB; HEAD in %s, alone in %s", manyUploads, opened[2], cpu, memory, among, alone)
}

// multiply makes n uploads of one, which is the first of them, and returns their
// ids. Their data files are links to a few, which is quicker.
func (f *field) multiply(original string, n int) (ids []string) {
	f.t.Helper()
	const linksPerFile = 30_000 // ext4 takes 65,000
	digits := strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d")
	path := func(id, suffix string) string { return filepath.Join(f.dir, "data", "uploads", id+suffix) }
	must := func(err error) {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
	}
	ids = append(ids, original)
	for i := range n - 1 {
		ids = append(ids, digits.Replace(fmt.Sprintf("%026d", i)))
	}
	data, err := os.ReadFile(path(original, ".data"))
	must(err)
	for group := range slices.Chunk(ids, linksPerFile) {
		must(os.WriteFile(path(group[0], ".data"), data, 0o600))
		for _, id := range group[1:] {
			must(os.Link(path(group[0], ".data"), path(id, ".data")))
		}
	}
	record, err := os.ReadFile(path(original, ".log"))
	must(err)
	for _, id := range ids[1:] {
		must(os.WriteFile(path(id, ".log"), renamed(record, original, id), 0o600))
	}
	return ids
}

// renamed returns the record of an upload called from as that of one called to: its
// first line says the id, after the CRC-32C of the rest of the line.
func renamed(record []byte, from, to string) []byte {
	first, rest, _ := bytes.Cut(record, []byte("\n"))
	creation := bytes.Replace(first[len("01234567 "):], []byte(from), []byte(to), 1)
	sum := crc32.Checksum(creation, crc32.MakeTable(crc32.Castagnoli))
	return fmt.Appendf(nil, "%08x %s\n%s", sum, creation, rest)
}

// timeHeads asks for the uploads, twice because the first time their records are
// synced, and returns how long the second time took for each.
func (f *field) timeHeads(ids []string) time.Duration {
	f.t.Helper()
	var started time.Time
	for range 2 {
		started = time.Now()
		for _, id := range ids {
			if head, _ := f.ask("HEAD", f.server.Endpoint+id, nil); head.Header.Get("Upload-Offset") != "5" {
				f.t.Fatalf("HEAD: %s, offset %q", head.Status, head.Header.Get("Upload-Offset"))
			}
		}
	}
	return time.Since(started) / time.Duration(len(ids))
}

// cpuTime returns how much of it the server has had.
func (f *field) cpuTime() time.Duration {
	f.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", f.server.PID()))
	if err != nil {
		f.t.Fatal(err)
	}
	// The 14th and the 15th field, of which the 2nd may have spaces and ends in a
	// parenthesis, in hundredths of a second.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, userErr := strconv.Atoi(fields[11])
	system, systemErr := strconv.Atoi(fields[12])
	if err := errors.Join(userErr, systemErr); err != nil {
		f.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peakMemory returns the largest resident size that the server has had, in KiB.
func (f *field) peakMemory() (kib int) {
	f.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.server.PID()))
	if err != nil {
		f.t.Fatal(err)
	}
	_, line, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	if _, err := fmt.Sscan(string(line), &kib); err != nil {
		f.t.Fatal(err)
	}
	return kib
}
