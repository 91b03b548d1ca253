package powercut

import (
	"io/fs"
	"slices"
	"strings"
	"syscall"
)

// lookup returns what name in the directory dir leads to.
func (d *Disk) lookup(dir uint64, name string) (*inode, error) {
	parent, err := d.dir(dir)
	if err != nil {
		return nil, err
	}
	ino, ok := parent.names[name]
	if !ok {
		return nil, syscall.ENOENT
	}
	return d.inodes[ino], nil
}

// create puts node into the directory dir.
func (d *Disk) create(dir uint64, name string, node *inode) (*inode, error) {
	parent, err := d.dir(dir)
	if err != nil {
		return nil, err
	}
	if _, taken := parent.names[name]; taken {
		return nil, syscall.EEXIST
	}
	node.links = 1
	if node.mode.IsDir() {
		node.links = 2
	}
	parent.rename(naming{name: name, ino: d.add(node).ino})
	return node, nil
}

// link gives the file ino another name.
func (d *Disk) link(ino, dir uint64, name string) (*inode, error) {
	node, err := d.file(ino)
	if err != nil {
		return nil, syscall.EPERM
	}
	parent, err := d.dir(dir)
	if err != nil {
		return nil, err
	}
	if _, taken := parent.names[name]; taken {
		return nil, syscall.EEXIST
	}
	parent.rename(naming{name: name, ino: ino})
	node.links++
	return node, nil
}

// unlink removes the name of a file.
func (d *Disk) unlink(dir uint64, name string) error {
	node, err := d.lookup(dir, name)
	if err != nil {
		return err
	}
	if node.mode.IsDir() {
		return syscall.EISDIR
	}
	d.inodes[dir].rename(naming{name: name})
	node.links--
	return nil
}

// rmdir removes an empty directory.
func (d *Disk) rmdir(dir uint64, name string) error {
	node, err := d.lookup(dir, name)
	switch {
	case err != nil:
		return err
	case !node.mode.IsDir():
		return syscall.ENOTDIR
	case len(node.names) > 0:
		return syscall.ENOTEMPTY
	}
	d.inodes[dir].rename(naming{name: name})
	node.links = 0
	return nil
}

// rename moves a name, over a file that has the new one.
func (d *Disk) rename(oldDir uint64, oldName string, newDir uint64, newName string) error {
	node, err := d.lookup(oldDir, oldName)
	if err != nil {
		return err
	}
	parent, err := d.dir(newDir)
	if err != nil {
		return err
	}
	if there, taken := parent.names[newName]; taken {
		if there == node.ino {
			return nil
		}
		if node.mode.IsDir() || d.inodes[there].mode.IsDir() {
			return syscall.EEXIST
		}
		d.inodes[there].links--
	}
	if oldDir == newDir {
		parent.rename(naming{name: newName, ino: node.ino, from: oldName})
		return nil
	}
	parent.rename(naming{name: newName, ino: node.ino})
	d.inodes[oldDir].rename(naming{name: oldName})
	return nil
}

// ReadDir returns the names in the directory at path, sorted, as programs see
// them. Paths are those of package io/fs; the error is a syscall.Errno.
func (d *Disk) ReadDir(path string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	node, err := d.walk(path)
	if err != nil {
		return nil, err
	}
	if !node.mode.IsDir() {
		return nil, syscall.ENOTDIR
	}
	return node.sortedNames(), nil
}

// ReadFile returns the bytes of the file at path, as programs see them.
func (d *Disk) ReadFile(path string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	node, err := d.walk(path)
	if err != nil {
		return nil, err
	}
	if node.mode.IsDir() {
		return nil, syscall.EISDIR
	}
	return slices.Clone(node.data), nil
}

func (d *Disk) walk(path string) (*inode, error) {
	if !fs.ValidPath(path) {
		return nil, syscall.EINVAL
	}
	node := d.inodes[rootIno]
	if path == "." {
		return node, nil
	}
	for name := range strings.SplitSeq(path, "/") {
		var err error
		if node, err = d.lookup(node.ino, name); err != nil {
			return nil, err
		}
	}
	return node, nil
}

func (n *inode) sortedNames() []string {
	names := make([]string, 0, len(n.names))
	for name := range n.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
