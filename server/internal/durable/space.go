package durable

import "math"

// Space is what there is of a file system, in bytes.
type Space struct {
	Free  int64 // what this process can still store
	Total int64
}

// Boundless reports whether nothing is known of an end of the space.
func (s Space) Boundless() bool { return s.Free == math.MaxInt64 }

// Space returns the space of the file system. One that does not tell counts as
// boundless.
//
//	openat(".", O_RDONLY); fstatfs; close
func (r *Root) Space() (Space, error) { return r.disk.Space() }
