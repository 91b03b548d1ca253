package publish

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name given to a file, in bytes. Filesystems take 255;
// the rest is room for the number that tells equal names apart.
const maxName = 240

// Name turns a name that an uploader chose into one that is safe as a file name
// on every platform, or returns fallback when nothing of it is left. The result
// is never empty, "." or "..", has no separator, no control character and no
// leading dot, is at most 240 bytes of valid UTF-8 in NFC, and is the same for
// the same arguments. Package client names downloads by the same rule.
func Name(wanted, fallback string) string {
	name := strings.ToValidUTF8(wanted, "_")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	// Normalised last: what is left out can bring two runes together.
	name = norm.NFC.String(strings.Map(visible, name))
	name = strings.TrimLeft(name, ". ")
	// Windows drops trailing dots and spaces silently, which would make two
	// names one.
	name = strings.TrimRight(shorten(name, maxName), ". ")
	if strings.IndexFunc(name, seen) < 0 {
		return fallback
	}
	if reserved(name) {
		return "_" + name
	}
	return name
}

// visible maps what has no place in a file name: characters that Windows
// forbids and controls become "_", direction overrides, which can make
// "cod.exe" look like "exe.doc", vanish.
func visible(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r), unicode.IsControl(r):
		return '_'
	case unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return -1
	}
	return r
}

// seen reports whether r leaves a mark that a person can see.
func seen(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// shorten cuts name to at most limit bytes at a rune, keeping its extension
// unless that is most of it.
func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > limit/4 {
		ext = ""
	}
	stem := name[:limit-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}

// reserved reports whether Windows takes name for a device, which it does with
// any extension.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if digit, ok := strings.CutPrefix(stem, port); ok && len([]rune(digit)) == 1 && strings.Contains("0123456789¹²³", digit) {
			return true
		}
	}
	return false
}

// numbered returns the nth choice for name: "a.tar.gz", "a (1).tar.gz", and so on.
func numbered(name string, n int) string {
	if n == 0 {
		return name
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if inner := path.Ext(stem); ext != "" && strings.EqualFold(inner, ".tar") {
		ext, stem = inner+ext, strings.TrimSuffix(stem, inner)
	}
	return fmt.Sprintf("%s (%d)%s", stem, n, ext)
}

// numberedDir returns the nth choice for the name of a directory, which has no
// extension.
func numberedDir(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s (%d)", name, n)
}
