package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// pickyFS is a file system that takes direct writes of whole pages only, and
// writes down who writes what. It needs no disk that can do so.
type pickyFS struct {
	FS
	open  error // of opening for direct writes
	write error // of direct writes after the first good ones
	good  int
	calls []string
}

func (p *pickyFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	direct := flag&directFlag != 0
	if direct && p.open != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: p.open}
	}
	f, err := p.FS.OpenFile(name, flag&^directFlag, perm)
	return &pickyFile{f, p, direct}, err
}

type pickyFile struct {
	File
	disk   *pickyFS
	direct bool
}

func (f *pickyFile) WriteAt(p []byte, off int64) (int, error) {
	if !f.direct {
		f.disk.calls = append(f.disk.calls, fmt.Sprintf("cached %d+%d", off, len(p)))
		return f.File.WriteAt(p, off)
	}
	if (off|int64(len(p))|int64(uintptr(unsafe.Pointer(&p[0]))))%pageSize != 0 {
		return 0, syscall.EINVAL
	}
	if f.disk.good--; f.disk.good < 0 && f.disk.write != nil {
		return 0, f.disk.write
	}
	f.disk.calls = append(f.disk.calls, fmt.Sprintf("direct %d+%d", off, len(p)))
	return f.File.WriteAt(p, off)
}

func (f *pickyFile) StartWriteback(off, n int64) error {
	f.disk.calls = append(f.disk.calls, fmt.Sprintf("writeback %d+%d", off, n))
	return errors.ErrUnsupported
}

// newDirect returns a Direct for a new file on a picky file system.
func newDirect(t *testing.T, disk *pickyFS) (d *Direct, read func() []byte) {
	t.Helper()
	r, _, dir := newRoot(t)
	r = r.Through(func(below FS) FS { disk.FS = below; return disk })
	f, err := r.Create("file")
	check(t, err)
	d = r.OpenDirect(f, "file")
	return d, func() []byte {
		t.Helper()
		check(t, errors.Join(d.Close(), f.Close()))
		got, err := os.ReadFile(dir + "/file")
		check(t, err)
		return got
	}
}

// fill writes content from the offset from on in pieces that end at each of the
// given offsets and where blocks do.
func fill(d *Direct, content []byte, from int, ends ...int) error {
	b := NewBlock()
	defer b.Free()
	for _, end := range ends {
		for from < end {
			p := b.At(int64(from))
			p = p[:copy(p, content[from:end])]
			n, err := d.WriteAt(p, int64(from))
			if err != nil {
				return err
			}
			if n != len(p) {
				return fmt.Errorf("WriteAt of %d bytes = %d without an error", len(p), n)
			}
			from += n
		}
	}
	return nil
}

func random(n int) []byte {
	p := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(p)
	return p
}

func TestDirect(t *testing.T) {
	const page, block = pageSize, BlockSize
	for _, tt := range []struct {
		from int
		ends []int
		want []string
	}{
		{0, []int{block}, []string{"direct 0+2097152"}},
		{0, []int{1}, []string{"cached 0+1"}},
		{0, []int{page}, []string{"direct 0+4096"}},
		{0, []int{2*page + 1}, []string{"direct 0+8192", "cached 8192+1"}},
		{1, []int{2 * page}, []string{"cached 1+4095", "direct 4096+4096"}},
		{1, []int{page - 1}, []string{"cached 1+4094"}},
		{page - 1, []int{page + 1}, []string{"cached 4095+1", "cached 4096+1"}},
		{page, []int{block + page}, []string{"direct 4096+2093056", "direct 2097152+4096"}},
		{0, []int{3, page + 5, 2*block + 7}, []string{
			"cached 0+3", "cached 3+4093", "cached 4096+5", "cached 4101+4091",
			"direct 8192+2088960", "direct 2097152+2097152", "cached 4194304+7",
		}},
	} {
		t.Run(fmt.Sprintf("from %d to %d", tt.from, tt.ends), func(t *testing.T) {
			disk := new(pickyFS)
			d, read := newDirect(t, disk)
			content := random(slices.Max(tt.ends))
			clear(content[:tt.from])
			check(t, fill(d, content, tt.from, tt.ends...))
			if !slices.Equal(disk.calls, tt.want) {
				t.Errorf("calls %q, want %q", disk.calls, tt.want)
			}
			if !bytes.Equal(read(), content) {
				t.Error("the file holds something else")
			}
		})
	}
}

// Where the page cache cannot be gone around, at once or after a while, it is
// used, and the writeback is begun early. That this is not to be had is no error.
func TestDirectRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		disk   pickyFS
		direct int // writes before that
	}{
		{"by open", pickyFS{open: syscall.EINVAL}, 0},
		{"by open, for want of handles", pickyFS{open: syscall.EMFILE}, 0},
		{"by the first write", pickyFS{write: syscall.EINVAL}, 0},
		{"by a later write", pickyFS{write: syscall.EOPNOTSUPP, good: 2}, 2},
		{"by one that does not fit", pickyFS{write: syscall.ENOSPC, good: 2}, 2},
		{"by one beyond the quota", pickyFS{write: syscall.EDQUOT, good: 2}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk := &tt.disk
			d, read := newDirect(t, disk)
			content := random(2*writebackEvery + 3*BlockSize + 5)
			check(t, fill(d, content, 0, 5, len(content)))
			if !bytes.Equal(read(), content) {
				t.Error("the file holds something else")
			}
			direct, begun := 0, 0
			for _, call := range disk.calls {
				if strings.HasPrefix(call, "direct") {
					direct++
				}
				if strings.HasPrefix(call, "writeback") {
					begun++
				}
			}
			if direct != tt.direct || begun != 2 {
				t.Errorf("%d direct writes, want %d; writeback begun %d times, want 2: %q", direct, tt.direct, begun, disk.calls)
			}
		})
	}
}

// Every other error is the caller's, with what was written before it.
func TestDirectFails(t *testing.T) {
	disk := &pickyFS{write: syscall.EIO, good: 1}
	d, read := newDirect(t, disk)
	content := random(2 * BlockSize)
	if err := fill(d, content, 0, len(content)); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want EIO", err)
	}
	b := NewBlock()
	defer b.Free()
	copy(b.At(1), content[1:])
	if n, err := d.WriteAt(b.At(1), 1); n != pageSize-1 || !errors.Is(err, syscall.EIO) {
		t.Errorf("WriteAt = %d, %v; want %d, EIO", n, err, pageSize-1)
	}
	if !bytes.Equal(read(), content[:BlockSize]) {
		t.Error("the file holds something else")
	}
}

// A write that does not fit tells how much of it did.
func TestWriteTellsWhatFitted(t *testing.T) {
	r, _, _ := newRoot(t)
	f, err := r.Create("file")
	check(t, err)
	defer f.Close()
	var old syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 10_000, Max: old.Max}))
	n, err := f.WriteAt(make([]byte, 20_000), 1000)
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old))
	if n != 9000 || !errors.Is(err, syscall.EFBIG) {
		t.Errorf("WriteAt = %d, %v; want 9000 and EFBIG", n, err)
	}
}
