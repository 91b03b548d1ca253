//go:build !unix

package durable

import "io/fs"

// Links returns how many names the file that info describes has, as far as it
// tells.
func Links(fs.FileInfo) int { return 1 }
