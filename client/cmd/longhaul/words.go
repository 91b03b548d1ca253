package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize"
)

// amount is a size for people, e.g. "1.5 GiB".
func amount(n int64) string { return humanize.IBytes(uint64(max(0, n))) }

// of is a part of a whole that may not be known.
func of(offset, size int64) string {
	if size < 0 {
		return amount(offset)
	}
	return amount(offset) + " of " + amount(size)
}

// count is a number of things, e.g. "1 file" and "12 files".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// percent never says 100 before everything is there.
func percent(offset, size int64) int64 {
	if offset >= size {
		return 100
	}
	return int64(float64(offset) / float64(size) * 100)
}

// duration is a time for people, e.g. "1 h 5 min".
func duration(d time.Duration) string {
	switch seconds := int64(d.Round(time.Second).Seconds()); {
	case seconds < 100:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min", (seconds+30)/60)
	case seconds < 100*3600:
		return fmt.Sprintf("%d h %d min", seconds/3600, seconds%3600/60)
	default:
		return fmt.Sprintf("%d days", seconds/86400)
	}
}

// took is how long something lasted, e.g. "0.3 s" and "1 h 5 min".
func took(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", max(0.1, d.Seconds()))
	}
	return duration(d)
}

// calling is what a file is called in a sentence.
func calling(path string) string {
	if path == standardInput {
		return "standard input"
	}
	return path
}

// clean takes out what would do something to a terminal. Joiners stay: emoji and
// Persian are made with them.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if joiner := r == 0x200c || r == 0x200d; !unicode.IsPrint(r) && !joiner {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
