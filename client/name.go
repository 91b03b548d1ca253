package client

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxName is how many bytes the name of a file has at most.
	maxName = 255
	// maxGiven is that of a name that an uploader chose. It leaves room to tell
	// equal names apart.
	maxGiven = 240
)

// harmless makes of a name that an uploader chose one that is good on every
// platform, leads nowhere and is not hidden: that which longhauld publishes the
// file under. It is empty if nothing is left. The rule stands twice, since client and
// server import nothing of each other; TestPulledUnderThePublishedName (server/e2e) holds them together.
func harmless(given string) string {
	name := strings.ToValidUTF8(given, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = norm.NFC.String(strings.Map(harmlessRune, name))
	name = strings.TrimLeft(name, ". ")
	extension := path.Ext(name)
	if len(name) <= maxGiven || len(extension) > maxGiven/4 {
		extension = ""
	}
	name = shortened(strings.TrimSuffix(name, extension), maxGiven-len(extension)) + extension
	name = strings.TrimRight(name, ". ") // Windows leaves them out, too
	switch {
	case !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }):
		return ""
	case isDevice(name):
		return "_" + name
	}
	return name
}

// harmlessRune replaces what Windows has in no name, and leaves out what shows a
// name as another.
func harmlessRune(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r), unicode.IsControl(r):
		return '_'
	case unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return -1
	}
	return r
}

// isDevice reports whether name is a device's on Windows, as "nul" and "COM1.txt".
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, port := strings.CutPrefix(stem, "COM")
	if !port {
		number, port = strings.CutPrefix(stem, "LPT")
	}
	return port && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}

// shortened cuts a name to so many bytes, not in the middle of a character.
func shortened(name string, most int) string {
	if len(name) <= most {
		return name
	}
	for most > 0 && !utf8.RuneStart(name[most]) {
		most--
	}
	return name[:most]
}
