package web

import (
	"strconv"
	"strings"
)

// accepts reports whether the Accept-Encoding fields allow coding, by name or
// by "*", with a weight that is not zero (RFC 9110, section 12.5.3).
func accepts(fields []string, coding string) bool {
	allowed, named := false, false
	for _, part := range strings.Split(strings.Join(fields, ","), ",") {
		name, weight, _ := strings.Cut(part, ";")
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == coding:
			allowed, named = !zeroWeight(weight), true
		case name == "*" && !named:
			allowed = !zeroWeight(weight)
		}
	}
	return allowed
}

func zeroWeight(s string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(s), "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return ok && strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q == 0
}
