//go:build fuse

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// mountTmpfs mounts a filesystem in memory at dir until the test ends.
func mountTmpfs(t *testing.T, dir, options string) {
	t.Helper()
	sudo := func(args ...string) *exec.Cmd {
		if os.Getuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		return exec.Command(args[0], args[1:]...)
	}
	options += fmt.Sprintf(",uid=%d,mode=0700", os.Getuid())
	if out, err := sudo("mount", "-t", "tmpfs", "-o", options, "longhaul-test", dir).CombinedOutput(); err != nil {
		t.Fatalf("mounting a tmpfs: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := sudo("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmounting: %v: %s", err, out)
		}
	})
}

// newSmallField is a server whose disk is full after size bytes.
func newSmallField(t *testing.T, size int64) *field {
	f := &field{t: t, dir: t.TempDir(), flags: []string{"--min-free", "0"}}
	if err := os.Mkdir(filepath.Join(f.dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	mountTmpfs(t, filepath.Join(f.dir, "data"), fmt.Sprintf("size=%d", size))
	f.run()
	return f
}

// A disk that fills up from outside, in the middle of an upload that had its space
// reserved: what fitted is kept, everybody is told, nobody is told where the
// files are, and when there is room again the upload goes on, over a restart.
func TestDiskFull(t *testing.T) {
	f := newSmallField(t, 8<<20)
	content := make([]byte, 6<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)

	created, _ := f.ask("POST", f.server.Endpoint, nil, "Upload-Length", strconv.Itoa(len(content)), "Upload-Metadata", "filename ZmlsbS5tb3Y=")
	url := f.server.Endpoint + filepath.Base(created.Header.Get("Location"))
	refused, problem := f.ask("POST", f.server.Endpoint, nil, "Upload-Length", strconv.Itoa(len(content)), "Accept", "application/json")
	var said struct{ Code string }
	if err := json.Unmarshal([]byte(problem), &said); created.StatusCode != 201 || refused.StatusCode != 507 || err != nil || said.Code != "ERR_STORAGE_FULL" {
		t.Fatalf("two uploads that do not both fit: %s, then %s %q; want 201 and 507", created.Status, refused.Status, problem)
	}
	if names, _ := filepath.Glob(filepath.Join(f.dir, "data", "uploads", "*")); len(names) != 2 {
		t.Errorf("uploads/ holds %q, want the two files of one upload", names)
	}

	filler := filepath.Join(f.dir, "data", "filler")
	if err := os.WriteFile(filler, make([]byte, 7<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	// What came with a checksum counts as a whole or not at all.
	held, body := f.ask("PATCH", url, content[:5<<18], "Upload-Offset", "0", "Upload-Checksum", checksum(content[:5<<18]))
	if head, _ := f.ask("HEAD", url, nil); held.StatusCode != 507 || head.Header.Get("Upload-Offset") != "0" {
		t.Errorf("a chunk with a checksum on a full disk: %s %q, offset %s; want 507 and 0", held.Status, body, head.Header.Get("Upload-Offset"))
	}
	// Little enough that the server reads all of it, whatever it does with it.
	full, body := f.ask("PATCH", url, content[:5<<18], "Upload-Offset", "0")
	if full.StatusCode != 507 || !strings.HasPrefix(body, "ERR_STORAGE_FULL: ") || strings.Contains(body, f.dir) {
		t.Errorf("a full disk: %s %q", full.Status, body)
	}
	if ready, body := f.ask("GET", "http://"+f.server.Addr+"/readyz", nil); ready.StatusCode != 503 || strings.Contains(body, f.dir) {
		t.Errorf("/readyz: %s %q, want 503", ready.Status, body)
	}
	f.restart()
	head, _ := f.ask("HEAD", url, nil)
	kept, err := strconv.Atoi(head.Header.Get("Upload-Offset"))
	if err != nil || kept < 960<<10 || head.Header.Get("Upload-Digest") != digest(content[:kept]) {
		t.Fatalf("kept %d bytes, %v, digest %s; want nearly all of the MiB that was free", kept, err, head.Header.Get("Upload-Digest"))
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if ready, body := f.ask("GET", "http://"+f.server.Addr+"/readyz", nil); ready.StatusCode != 200 {
		t.Errorf("with room again: /readyz: %s %q", ready.Status, body)
	}
	if last, body := f.ask("PATCH", url, content[kept:], "Upload-Offset", strconv.Itoa(kept)); last.StatusCode != 204 {
		t.Fatalf("with room again: %s %q", last.Status, body)
	}
	if got, err := os.ReadFile(filepath.Join(f.dir, "data", "files", "film.mov")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the file arrived with %d bytes, %v; want %d", len(got), err, len(content))
	}
}

// A disk on which nothing can be written is found out at the start, and said with
// what to do.
func TestReadOnlyDisk(t *testing.T) {
	dir := t.TempDir()
	mountTmpfs(t, dir, "ro")
	for _, data := range []string{dir, filepath.Join(dir, "data")} {
		p, err := servertest.Start(filepath.Join(bin, "longhauld"), "", nil, "--data", data, "--listen", "127.0.0.1:0")
		if err == nil {
			t.Fatal(errors.Join(errors.New("longhauld started on a read-only disk"), p.Kill()))
		}
		if said := err.Error(); !strings.Contains(said, "error: data directory "+data) || !strings.Contains(said, "hint: make "+data+" writable") || !strings.Contains(said, "exit status 1") {
			t.Errorf("with %s: %v", data, err)
		}
	}
}
