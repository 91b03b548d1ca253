package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestShellReadsQuotedWordsBack(t *testing.T) {
	words := []string{"plain.mov", "", "two words", "it's", `a"b\c`, "$HOME `id` *", "=x", "~", "ü\n", "-f", "!x", "#y", "http://h/files/?a=1&b=2"}
	out, err := exec.Command("sh", "-c", `for w in "$@"; do :; done; printf '%s\0' `+quote(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
}
