package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sort"
)

// joined reads a complete final upload that may be folded meanwhile.
//
// Its own data file holds what is folded; the rest is read from the parts. The
// file of a part goes only after its bytes are in the own one, whose first name
// was there before the reader and whose content never moves: so a part without
// a file has been folded, unless the final upload was removed and its parts, the
// own file with the first of them, are now another's. There are at most two open
// files, however many parts.
type joined struct {
	store *Store
	final *final
	own   *os.File
	pos   int64

	open  *os.File // of the part at index; nil if none is open
	index int
	gone  int // the parts before this one have no file any more
}

// openParts opens a final upload that is complete.
func (s *Store) openParts(f *final) (*joined, error) {
	own, err := s.root.Open(dataPath(f.id))
	if err != nil {
		return nil, err
	}
	return &joined{store: s, final: f, own: own}, nil
}

// Read implements io.Reader.
func (j *joined) Read(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case j.pos >= j.final.length:
		return 0, io.EOF
	}
	file, off, end, err := j.at(j.pos)
	if err != nil {
		return 0, err
	}
	n, err := file.ReadAt(p[:min(int64(len(p)), end-j.pos)], off)
	j.pos += int64(n)
	switch {
	case n > 0:
		return n, nil
	case err == io.EOF:
		return 0, io.ErrUnexpectedEOF
	}
	return 0, err
}

// at returns the file that holds the byte at pos, where in it that byte is, and
// how far, in terms of pos, the file can be read.
func (j *joined) at(pos int64) (file *os.File, off, end int64, err error) {
	begin := j.final.base.Offset
	if pos < begin {
		return j.own, pos, begin, nil
	}
	parts := j.final.parts
	i := sort.Search(len(parts), func(i int) bool { return pos < parts[i].end })
	if i > 0 {
		begin = parts[i-1].end
	}
	err = j.openPart(i)
	if errors.Is(err, fs.ErrNotExist) && !j.store.claims.condemned(j.final) {
		j.gone, err = max(j.gone, i+1), nil
	}
	if i < j.gone {
		return j.own, pos, parts[i].end, nil
	}
	return j.open, pos - begin, parts[i].end, err
}

func (j *joined) openPart(i int) (err error) {
	if i < j.gone || j.open != nil && j.index == i {
		return nil
	}
	if err := j.closePart(); err != nil {
		return err
	}
	j.open, err = j.store.root.Open(dataPath(j.final.parts[i].id))
	if err != nil {
		j.open = nil
	}
	j.index = i
	return err
}

func (j *joined) closePart() (err error) {
	if j.open != nil {
		err = j.open.Close()
		j.open = nil
	}
	return err
}

// Seek implements io.Seeker.
func (j *joined) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += j.pos
	case io.SeekEnd:
		offset += j.final.length
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	j.pos = offset
	return offset, nil
}

// Close implements io.Closer.
func (j *joined) Close() error { return errors.Join(j.closePart(), j.own.Close()) }
