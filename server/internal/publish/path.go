package publish

import (
	"path"
	"strings"
)

const (
	// maxDepth is how many directories a file may be below the tree.
	maxDepth = 32
	// maxWanted is the longest path that is looked at, in bytes.
	maxWanted = 4 << 10
	// maxPath is the longest path below the tree. Systems take 4 KiB, of which the
	// tree's own path needs some.
	maxPath = 3 << 10
)

// Path turns what an uploader said of a file into a safe path for it: filename is
// its name, relativePath where it was below the folder that he sent, as in
// "photos/2026/a.jpg". Each part of the result is one of [Name]; what nothing is
// left of is left out, so that the result does not lead out of the tree.
//
// relativePath gives the directories if it ends in a file's name. It gives none if
// it is deeper than 32 or longer than 4 KiB, or if it is one name alone: JavaScript
// clients send "null". The file's own name is filename's, else the last one of
// relativePath, else fallback.
func Path(filename, relativePath, fallback string) string {
	dirs, last := directories(relativePath)
	name := Name(filename, "")
	if name == "" {
		name = Name(last, fallback)
	}
	if full := path.Join(path.Join(dirs...), name); len(full) <= maxPath {
		return full
	}
	return name
}

// directories splits a path into the safe directories and the last name, both
// empty if it is none that is looked at.
func directories(wanted string) (dirs []string, last string) {
	separator := func(r rune) bool { return r == '/' || r == '\\' }
	names := strings.FieldsFunc(wanted, separator)
	if len(wanted) > maxWanted || len(names) < 2 || len(names) > maxDepth+1 {
		return nil, ""
	}
	last = names[len(names)-1]
	if !strings.HasSuffix(wanted, last) || Name(last, "") == "" {
		return nil, ""
	}
	for _, name := range names[:len(names)-1] {
		if dir := Name(name, ""); dir != "" {
			dirs = append(dirs, dir)
		}
	}
	return dirs, last
}
