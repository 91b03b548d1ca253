package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// safe are the bytes that mean nothing to a shell.
const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"

// quote writes words so that a shell reads them back, and a terminal shows them
// as they are: what it would not is written in octal (POSIX.1-2024, section
// 2.2.4; known to bash, zsh, ksh and busybox for long).
func quote(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		switch {
		case !utf8.ValidString(word) || clean(word) != word:
			quoted[i] = octal(word)
		case word == "" || strings.Trim(word, safe) != "" || strings.HasPrefix(word, "="):
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

func octal(word string) string {
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(word) {
		if strings.IndexByte(safe+" ", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03o`, c)
		}
	}
	return b.String() + "'"
}
