package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What comes back has the name under which the server published it.
func TestPulledUnderThePublishedName(t *testing.T) {
	for _, name := range []string{
		"film.mov", ".env", "..git. ", "a<b>:|c", "nul", "COM1.txt", "con", " . . ", "cod\u202eexe.doc", "A\u0308.txt", "a\xffb",
		"new\nline", "סרט.mov", "dir/", `C:\a.txt`, strings.Repeat("ä", 125) + ".mkv", strings.Repeat("x", 300) + ".tar.gz", "a." + strings.Repeat("e", 250),
	} {
		f := newField(t)
		path := f.file("source", 10)
		urls := f.stored([]byte(f.push("--json", "--meta", "filename="+name, path, f.server.Endpoint)))
		back := filepath.Join(f.dir, "back")
		if err := os.Mkdir(back, 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := f.longhaul("pull", "-o", back, urls[path]).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", name, err, out)
		}
		pulled, published := only(t, back), only(t, filepath.Join(f.dir, "data", "files"))
		if pulled != published {
			t.Errorf("%q is published as %q and pulled as %q", name, published, pulled)
		}
		if err := f.server.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// only returns the name of the one file in dir.
func only(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%s has %v, %v", dir, entries, err)
	}
	return entries[0].Name()
}
