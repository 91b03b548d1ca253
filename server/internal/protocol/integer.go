package protocol

import (
	"errors"
	"math"
	"strconv"
)

var errNoInteger = errors.New("not a non-negative integer")

// parseInteger parses a non-negative integer as tus has them: digits and nothing
// else. One that no int64 can hold is math.MaxInt64: larger than anything that
// there can be, it is not wrong, but too large.
func parseInteger(s string) (int64, error) {
	if s == "" {
		return 0, errNoInteger
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, errNoInteger
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, nil
	}
	return n, nil
}
