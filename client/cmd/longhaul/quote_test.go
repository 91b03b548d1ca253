package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestShellReadsQuotedWordsBack(t *testing.T) {
	words := []string{
		"plain.mov", "", "two words", "it's", `a"b\c`, "$HOME `id` *", "=x", "~", "ü\n", "-f", "!x", "#y", "http://h/files/?a=1&b=2",
		"\xff\xfe9.bin", "\x1b[2J", "1\u202egpj.exe", "\u05e9\u05dc\u05d5\u05dd", "\U0001f468\u200d\U0001f680", strings.Repeat("ä", 127),
	}
	quoted := quote(words)
	if clean(quoted) != quoted {
		t.Errorf("a terminal would not show %q as it is", quoted)
	}
	out, err := exec.Command("bash", "-c", `printf '%s\0' `+quoted).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
}

// Whoever has only the oldest of shells can still go on with ordinary names.
func TestOldShellReadsPrintableWordsBack(t *testing.T) {
	words := []string{"plain.mov", "", "two words", "it's", `a"b\c`, "$HOME `id` *", "ü", "\u05e9"}
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+quote(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
}
