package powercut

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// seeds is how many seeds a test tries that must see something happen.
const seeds = 200

// file makes a file in the root directory, its name synced.
func file(t *testing.T, d *Disk, name string) *inode {
	t.Helper()
	node, err := d.create(rootIno, name, newFile(0o600))
	if err != nil {
		t.Fatal(err)
	}
	d.inodes[rootIno].fsync()
	return node
}

// outcomes returns what the file called name holds after a cut, by how often.
// A file that is gone holds "gone".
func outcomes(d *Disk, name string) map[string]int {
	d.Cut()
	found := make(map[string]int)
	for seed := range uint64(seeds) {
		data, err := d.Survivors(seed).ReadFile(name)
		if err != nil {
			data = []byte("gone")
		}
		found[string(data)]++
	}
	return found
}

// wantOnly fails the test unless the outcomes are exactly those of want.
func wantOnly(t *testing.T, got map[string]int, want ...string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(got))
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Errorf("outcomes %q, want %q", keys, want)
	}
}

func TestSyncedDataSurvives(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	f.write(0, []byte("synced"))
	f.fsync()
	wantOnly(t, outcomes(d, "f"), "synced")
}

func TestUnsyncedDataMayNot(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	f.write(0, []byte("synced"))
	f.fsync()
	f.write(6, []byte(" more"))
	// The size may survive without the bytes, never the bytes without the size.
	wantOnly(t, outcomes(d, "f"), "synced", "synced more", "synced\x00\x00\x00\x00\x00")
}

// An unsynced write of many sectors survives in every way that a disk could
// leave it in.
func TestTornWrite(t *testing.T) {
	const sectors = 40
	d := New()
	f := file(t, d, "f")
	f.write(0, bytes.Repeat([]byte("a"), sectors*sector))
	f.fsync()
	f.write(0, bytes.Repeat([]byte("b"), sectors*sector))
	whole, none, prefix, scattered := 0, 0, 0, 0
	for data, n := range outcomes(d, "f") {
		if len(data) != sectors*sector {
			t.Fatalf("%d bytes, want %d: the size had not changed", len(data), sectors*sector)
		}
		for s := range sectors {
			if one := data[s*sector : (s+1)*sector]; strings.Trim(one, one[:1]) != "" {
				t.Fatalf("sector %d is torn", s)
			}
		}
		switch kept := strings.Count(data, "b"); {
		case kept == 0:
			none += n
		case kept == len(data):
			whole += n
		case strings.HasPrefix(data, strings.Repeat("b", kept)):
			prefix += n
		default:
			scattered += n
		}
	}
	if whole == 0 || none == 0 || prefix == 0 || scattered == 0 {
		t.Errorf("whole %d, none %d, prefix %d, scattered %d times of %d; want each to happen", whole, none, prefix, scattered, seeds)
	}
}

// A sector that was written twice is one of three: it never holds a part of
// the first write under a part of the second.
func TestOverwrittenSector(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	f.write(0, []byte("0000"))
	f.fsync()
	f.write(0, []byte("11"))
	f.write(2, []byte("22"))
	wantOnly(t, outcomes(d, "f"), "0000", "1100", "1122")
}

func TestUnsyncedTruncation(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	f.write(0, []byte("synced"))
	f.fsync()
	f.truncate(2)
	wantOnly(t, outcomes(d, "f"), "synced", "sy")

	d = New()
	f = file(t, d, "f")
	f.write(0, []byte("synced"))
	f.fsync()
	f.truncate(2)
	f.fsync()
	f.truncate(6) // what was cut off does not come back
	wantOnly(t, outcomes(d, "f"), "sy", "sy\x00\x00\x00\x00")
}

// Syncing a file does nothing for its name.
func TestUnsyncedName(t *testing.T) {
	d := New()
	f, err := d.create(rootIno, "f", newFile(0o600))
	if err != nil {
		t.Fatal(err)
	}
	f.write(0, []byte("synced"))
	f.fsync()
	wantOnly(t, outcomes(d, "f"), "synced", "gone")
}

// And syncing the name does nothing for the bytes.
func TestUnsyncedDataUnderSyncedName(t *testing.T) {
	d := New()
	file(t, d, "f").write(0, []byte("data"))
	wantOnly(t, outcomes(d, "f"), "", "data", "\x00\x00\x00\x00")
}

// A removed file keeps its bytes until the removal is synced.
func TestUnsyncedRemoval(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	f.write(0, []byte("data"))
	f.fsync()
	if err := d.unlink(rootIno, "f"); err != nil {
		t.Fatal(err)
	}
	unsynced := outcomes(d, "f")
	wantOnly(t, unsynced, "data", "gone")

	d = New()
	file(t, d, "f")
	if err := d.unlink(rootIno, "f"); err != nil {
		t.Fatal(err)
	}
	d.inodes[rootIno].fsync()
	wantOnly(t, outcomes(d, "f"), "gone")
}

// names returns what the root directory holds after a cut, by how often.
func names(d *Disk) map[string]int {
	d.Cut()
	found := make(map[string]int)
	for seed := range uint64(10 * seeds) {
		list, err := d.Survivors(seed).ReadDir(".")
		found[fmt.Sprint(strings.Join(list, ""), err)]++
	}
	return found
}

// Half of the cuts keep the order of the changes in a directory, and in all of
// them a rename is one.
func TestNamesInOrderOrNot(t *testing.T) {
	d := New()
	for _, name := range []string{"a", "b"} {
		if _, err := d.create(rootIno, name, newFile(0o600)); err != nil {
			t.Fatal(err)
		}
	}
	got := names(d)
	wantOnly(t, got, "<nil>", "a<nil>", "ab<nil>", "b<nil>")
	if inOrder := got["<nil>"] + got["a<nil>"] + got["ab<nil>"]; inOrder < 10*seeds*3/4 || inOrder > 10*seeds*19/20 {
		t.Errorf("%d of %d cuts kept the order, want 7 of 8", inOrder, 10*seeds)
	}

	d = New()
	file(t, d, "old")
	if err := d.rename(rootIno, "old", rootIno, "new"); err != nil {
		t.Fatal(err)
	}
	wantOnly(t, names(d), "old<nil>", "new<nil>")
}

// A file with two names is one file for as long as one of them is left.
func TestLinks(t *testing.T) {
	d := New()
	f := file(t, d, "f")
	if _, err := d.link(f.ino, rootIno, "g"); err != nil {
		t.Fatal(err)
	}
	d.inodes[rootIno].fsync()
	d.Cut()
	after := d.Survivors(1)
	g, err := after.lookup(rootIno, "g")
	if err != nil || g.ino != f.ino || g.links != 2 {
		t.Fatalf("g: %+v, %v; want inode %d with 2 links", g, err, f.ino)
	}
	if _, err := after.link(f.ino, rootIno, "g"); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("linking over a name: %v, want EEXIST", err)
	}
}

// A directory whose name is lost takes everything with it.
func TestLostDirectory(t *testing.T) {
	d := New()
	dir, err := d.create(rootIno, "dir", newDir(0o700))
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.create(dir.ino, "f", newFile(0o600))
	if err != nil {
		t.Fatal(err)
	}
	f.write(0, []byte("data"))
	f.fsync()
	dir.fsync()
	wantOnly(t, outcomes(d, "dir/f"), "data", "gone")
}

// One seed decides in one way, whatever happened elsewhere.
func TestSeed(t *testing.T) {
	build := func(other int) *Disk {
		d := New()
		f, g := file(t, d, "f"), file(t, d, "g")
		for i := range 100 {
			f.write(int64(i*100), bytes.Repeat([]byte{byte(i)}, 100))
		}
		g.write(0, make([]byte, other))
		d.Cut()
		return d
	}
	one, same, other := build(0), build(0), build(5000)
	different := false
	for seed := range uint64(seeds) {
		var got [3][]byte
		for i, d := range []*Disk{one, same, other} {
			var err error
			if got[i], err = d.Survivors(seed).ReadFile("f"); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got[0], got[1]) || !bytes.Equal(got[0], got[2]) {
			t.Fatalf("seed %d left %d, %d and %d bytes", seed, len(got[0]), len(got[1]), len(got[2]))
		}
		next, err := one.Survivors(seed + 1).ReadFile("f")
		different = different || err == nil && !bytes.Equal(got[0], next)
	}
	if !different {
		t.Error("every seed decided the same")
	}
}

// A cut comes before an event or after it.
func TestCutAfter(t *testing.T) {
	d := New()
	d.CutAfter(2)
	seen := 0
	for range 5 {
		d.Witness(func() { seen++ })
	}
	if seen != 2 {
		t.Errorf("%d events before the cut, want 2", seen)
	}
	select {
	case <-d.Off():
	default:
		t.Error("the power is still on")
	}
}
