package storetest

import (
	"fmt"
	"testing"
)

// write sends chunks of the sizes at which stores slip: none, one, around their
// buffer, around a megabyte, and many tiny ones.
func (s Suite) write(t *testing.T, start starter) {
	for _, size := range []int{
		0, 1, 2, s.Buffer - 1, s.Buffer, s.Buffer + 1, 2*s.Buffer - 1, 2 * s.Buffer, 2*s.Buffer + 1,
		1<<20 - 1, 1 << 20, 1<<20 + 1,
	} {
		t.Run(fmt.Sprintf("one chunk of %d and one of 1", size), func(t *testing.T) {
			u, content := start(t).sized(size+1), pattern(size+1)
			u.send(content[:size])
			u.send(content[size:])
			u.finish()
		})
	}
	for name, chunks := range map[string][]int{
		"small, large, small":   {1, 2 * s.Buffer, 1},
		"across the buffer":     {s.Buffer - 1, 2, s.Buffer - 1, 1, s.Buffer + 1},
		"empty ones in between": {0, s.Buffer, 0, 0, 7, 0},
		"tiny":                  {1, 2, 3, 0, 1, 1, 1, 5, 1, 2, 3, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			total := 0
			for _, size := range chunks {
				total += size
			}
			u, content := start(t).sized(total), pattern(total)
			for _, size := range chunks {
				u.send(content[:size])
				content = content[size:]
			}
			u.finish()
		})
	}
}
