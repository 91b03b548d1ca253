package publish

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestName(t *testing.T) {
	long := strings.Repeat("ä", 200) + ".mkv"
	for _, tt := range []struct{ wanted, want string }{
		{"film.mkv", "film.mkv"},
		{"Ärger & Spaß (2).txt", "Ärger & Spaß (2).txt"},
		{"\u0041\u0308.txt", "Ä.txt"},
		{"A\u200e\u0308.txt", "Ä.txt"},
		{"emoji 🚂.png", "emoji 🚂.png"},
		{"", "id"},
		{".", "id"},
		{"..", "id"},
		{"../../etc/passwd", "passwd"},
		{`C:\Users\me\a.txt`, "a.txt"},
		{"dir/", "id"},
		{".bashrc", "bashrc"},
		{"a\x00b\nc\x7f", "a_b_c_"},
		{"a<b>:c", "a_b__c"},
		{"trailing. . ", "trailing"},
		{"cod\u202eexe.doc", "codexe.doc"},
		{"NUL", "_NUL"},
		{"con.txt", "_con.txt"},
		{"COM1.tar.gz", "_COM1.tar.gz"},
		{"COMET.txt", "COMET.txt"},
		{"COM1 .txt", "_COM1 .txt"},
		{"\u200b", "id"},
		{"\u00ad\U000e0041", "id"},
		{"bad\xff.txt", "bad_.txt"},
		{long, strings.Repeat("ä", 118) + ".mkv"},
	} {
		if got := Name(tt.wanted, "id"); got != tt.want {
			t.Errorf("Name(%q) = %q, want %q", tt.wanted, got, tt.want)
		}
	}
}

func TestNumbered(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int
		want string
	}{
		{"a.txt", 0, "a.txt"},
		{"a.txt", 1, "a (1).txt"},
		{"a.tar.gz", 2, "a (2).tar.gz"},
		{"a", 3, "a (3)"},
	} {
		if got := numbered(tt.name, tt.n); got != tt.want {
			t.Errorf("numbered(%q, %d) = %q, want %q", tt.name, tt.n, got, tt.want)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add("../a")
	f.Add("nul ")
	f.Add(strings.Repeat("\u0301", 300))
	f.Fuzz(func(t *testing.T, wanted string) {
		got := Name(wanted, "id")
		switch {
		case got == "", got[0] == '.', len(got) > maxName+1, !utf8.ValidString(got), !norm.NFC.IsNormalString(got):
			t.Fatalf("Name(%q) = %q", wanted, got)
		case strings.ContainsAny(got, "/\\\x00"), strings.HasSuffix(got, "."), strings.HasSuffix(got, " "), reserved(got):
			t.Fatalf("Name(%q) = %q", wanted, got)
		}
	})
}
