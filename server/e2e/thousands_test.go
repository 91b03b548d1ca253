package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// 3,000 files of 10 KiB arrive as they were, though the server is killed
// meanwhile; pushed again, nothing is sent.
func TestThousandsOfFiles(t *testing.T) {
	const files, size = 3000, 10 << 10
	f := newField(t)
	rushes := filepath.Join(f.dir, "rushes")
	if err := os.Mkdir(rushes, 0o700); err != nil {
		t.Fatal(err)
	}
	content := noise(files * size)
	for i := range files {
		if err := os.WriteFile(filepath.Join(rushes, fmt.Sprint(i)), content[i*size:][:size], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	push := f.longhaul("push", "-r", "--quiet", "--jobs", "32", "rushes", f.server.Endpoint)
	var out bytes.Buffer
	push.Stdout, push.Stderr = &out, &out
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	f.published("rushes")
	f.restart()
	if err := push.Wait(); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != files {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	for i := range files {
		got, err := os.ReadFile(filepath.Join(f.dir, "data", "files", "rushes", fmt.Sprint(i)))
		if err != nil || !bytes.Equal(got, content[i*size:][:size]) {
			t.Fatalf("file %d has %d bytes, or others: %v", i, len(got), err)
		}
	}
	again, err := f.longhaul("push", "-r", "--quiet", "--jobs", "32", "rushes", f.server.Endpoint).Output()
	if err != nil || bytes.Count(again, []byte("already there")) != files {
		t.Errorf("pushed again: %v\n%s", err, again)
	}
}
