package publish

import (
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	deep := strings.Repeat("d/", maxDepth)
	long := strings.Repeat("d", 200)
	for _, tt := range []struct{ filename, relativePath, want string }{
		{"a.txt", "", "a.txt"},
		{"a.txt", "folder/sub/a.txt", "folder/sub/a.txt"},
		{"", "folder/a.txt", "folder/a.txt"},
		{"renamed.txt", "folder/a.txt", "folder/renamed.txt"},
		{"a.txt", "null", "a.txt"},
		{"", "null", "id"},
		{"", "", "id"},
		{"..", "x/..", "id"},
		{"a.txt", "/etc/cron.d/a.txt", "etc/cron.d/a.txt"},
		{"a.txt", "../../a.txt", "a.txt"},
		{"a.txt", "x/../../y/./a.txt", "x/y/a.txt"},
		{"a.txt", "x//y/a.txt", "x/y/a.txt"},
		{"a.txt", `C:\Users\me\a.txt`, "C_/Users/me/a.txt"},
		{"a.txt", `x\..\..\a.txt`, "x/a.txt"},
		{"a.txt", "folder/sub/", "a.txt"},
		{"a.txt", `folder\`, "a.txt"},
		{"a.txt", "folder/..", "a.txt"},
		{"a.txt", ".hidden/a.txt", "hidden/a.txt"},
		{"a.txt", "con/nul.x/a.txt", "_con/_nul.x/a.txt"},
		{"a.txt", "x\x00y/A\u0308/a.txt", "x_y/Ä/a.txt"},
		{"a.txt", "\u200b/ . /a.txt", "a.txt"},
		{"a.txt", deep + "a.txt", deep + "a.txt"},
		{"a.txt", deep + "d/a.txt", "a.txt"},
		{"a.txt", strings.Repeat("x", maxWanted) + "/a.txt", "a.txt"},
		{"a.txt", strings.Repeat(long+"/", 18) + "a.txt", "a.txt"},
		{"a.txt", strings.Repeat(long+"/", 15) + "a.txt", strings.Repeat(long+"/", 15) + "a.txt"},
		{"a.txt", "bad\xff/a.txt", "bad_/a.txt"},
	} {
		if got := Path(tt.filename, tt.relativePath, "id"); got != tt.want {
			t.Errorf("Path(%q, %q) = %q, want %q", tt.filename, tt.relativePath, got, tt.want)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("a", "x/y/a")
	f.Add("", "../../etc/passwd")
	f.Add("nul", `C:\x\..\nul`)
	f.Add("", strings.Repeat("\u0958/", 20)+"a") // longer when normalised
	f.Add("", strings.Repeat(strings.Repeat("\u0958", 60)+"/", 20)+"a")
	f.Fuzz(func(t *testing.T, filename, relativePath string) {
		got := Path(filename, relativePath, "id")
		if !fs.ValidPath(got) || got == "." || len(got) > maxPath || strings.Count(got, "/") > maxDepth {
			t.Fatalf("Path(%q, %q) = %q", filename, relativePath, got)
		}
		for name := range strings.SplitSeq(got, "/") {
			if Name(name, "") != name {
				t.Fatalf("Path(%q, %q) = %q, where %q is no safe name", filename, relativePath, got, name)
			}
		}
		if filename != "" && Name(filename, "") != "" && path.Base(got) != Name(filename, "") {
			t.Fatalf("Path(%q, %q) = %q", filename, relativePath, got)
		}
	})
}
