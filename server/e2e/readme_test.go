//go:build curl

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The README's curl lines, as they stand, with the server killed while the
// third one sends.
func TestReadmeCurl(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n### curl\n")
	if !found {
		t.Fatal("README.md has no section curl")
	}
	_, block, _ := strings.Cut(section, "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	lines := strings.Split(strings.TrimSpace(block), "\n")
	if len(lines) != 4 {
		t.Fatalf("the README has %d curl lines, want create, HEAD, PATCH and resume:\n%s", len(lines), block)
	}

	f := newField(t)
	path := f.file("film.mov", 32<<20)
	_, proxy := f.link(16 << 20)
	local := func(line string) string { return strings.ReplaceAll(line, "127.0.0.1:8080", proxy.Addr()) }
	urlFile := filepath.Join(f.dir, "url")
	bash := func(script string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -u; [ ! -e url ] || URL=$(cat url)\n"+script)
		cmd.Dir = f.dir
		return cmd
	}
	must := func(script string) string {
		t.Helper()
		out, err := bash(script).CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%v\n%s", script, err, out)
		}
		return string(out)
	}

	must(local(lines[0]) + `; printf %s "$URL" >` + urlFile)
	if head := must(local(lines[1])); !strings.Contains(head, "Upload-Offset: 0") {
		t.Errorf("HEAD said %q", head)
	}
	sending := bash(local(lines[2]))
	if err := sending.Start(); err != nil {
		t.Fatal(err)
	}
	f.received(8 << 20)
	f.restart()
	if err := sending.Wait(); err == nil {
		t.Fatal("curl succeeded although the server died")
	}
	must(local(lines[3]))
	f.arrived(path)
}

// The README's lines that put parts together, as they stand.
func TestReadmeConcat(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "put them together:\n\n```sh\n")
	block, _, found := strings.Cut(section, "```")
	if !found {
		t.Fatal("README.md does not say how to put parts together")
	}
	f := newField(t)
	path := f.file("film.mov", 5<<20+1)
	_, proxy := f.link(1 << 30)
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -eu\n"+strings.ReplaceAll(block, "127.0.0.1:8080", proxy.Addr()))
	cmd.Dir = f.dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "201 Created") {
		t.Fatalf("%v\n%s", err, out)
	}
	f.published("film.mov")
	f.arrived(path)
}
