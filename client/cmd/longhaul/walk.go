package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	tus "github.com/eventials/go-tus"
)

// standardInput is the name that stands for it among files.
const standardInput = "-"

// target is one file to push.
type target struct {
	path     string       // as typed, or below a directory as typed
	size     int64        // negative if it is not known
	metadata tus.Metadata // of this file alone
	open     bool         // its upload was left open for more
}

var (
	errDirectory  = errors.New("is a directory")
	errNotRegular = errors.New("is no regular file")
	errLoop       = errors.New("leads back to a directory that it is in")
)

// walk collects what the words of a command line name. Whatever cannot be
// pushed goes to problems and does not keep the others back.
type walk struct {
	recursive bool
	follow    bool // symbolic links below directories; those that were typed always are
	targets   []target
	problems  []problem
	skipped   int // what is below directories and no file: links, pipes, sockets, devices

	seen map[string]bool // absolute paths of targets
}

// problem is a word, or something below it, that cannot be pushed.
type problem struct {
	path string
	err  error
}

func (w *walk) add(word string) {
	if word == standardInput {
		w.target(target{path: standardInput, size: -1})
		return
	}
	info, err := os.Stat(word)
	switch {
	case err != nil:
		w.problem(word, err)
	case info.IsDir() && w.recursive:
		w.directory(word, rootName(word), []fs.FileInfo{info})
	case info.IsDir():
		w.problem(word, errDirectory)
	case !info.Mode().IsRegular():
		w.problem(word, errNotRegular)
	default:
		w.target(target{path: word, size: info.Size()})
	}
}

// rootName is what the files below a directory keep of its name: as with cp,
// nothing where it was typed as ".", or ends in "..".
func rootName(word string) string {
	name := filepath.Base(word)
	if name == "." || name == ".." || name == string(filepath.Separator) {
		return ""
	}
	return name
}

// directory adds what is in the directory at dir. above are the directories that
// lead there, itself included.
func (w *walk) directory(dir, relative string, above []fs.FileInfo) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.problem(dir, err)
	}
	for _, entry := range entries {
		w.entry(filepath.Join(dir, entry.Name()), path.Join(relative, entry.Name()), entry, above)
	}
}

func (w *walk) entry(name, relative string, entry fs.DirEntry, above []fs.FileInfo) {
	info, err := entry.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 && w.follow {
		info, err = os.Stat(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && entry.Type()&fs.ModeSymlink == 0:
		// It was removed since its name was read.
	case err != nil:
		w.problem(name, err)
	case info.IsDir() && slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }):
		w.problem(name, errLoop)
	case info.IsDir():
		w.directory(name, relative, append(above[:len(above):len(above)], info))
	case info.Mode().IsRegular():
		w.target(target{path: name, size: info.Size(), metadata: tus.Metadata{"relativePath": relative}})
	default:
		w.skipped++
	}
}

func (w *walk) problem(path string, err error) {
	w.problems = append(w.problems, problem{path, err})
}

// target adds t unless it is there already.
func (w *walk) target(t target) {
	key := t.path
	if absolute, err := filepath.Abs(t.path); err == nil && t.path != standardInput {
		key = absolute
	}
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	if !w.seen[key] {
		w.seen[key] = true
		w.targets = append(w.targets, t)
	}
}
