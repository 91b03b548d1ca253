package powercut

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Survivors returns the disk that comes up after the cut, with everything on it
// synced. The same seed decides the same way about the same changes. The power
// must be off; d does not change.
func (d *Disk) Survivors(seed uint64) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.powered() {
		panic("powercut: Survivors before the cut")
	}
	journal := rand.New(rand.NewPCG(seed, 0)).IntN(2) == 0
	after := &Disk{inodes: make(map[uint64]*inode), next: d.next, off: make(chan struct{})}
	d.surviveInto(after, rootIno, seed, journal)
	return after
}

// surviveInto puts what is left of the inode with that number, and of all that
// its names lead to, into after.
func (d *Disk) surviveInto(after *Disk, ino, seed uint64, journal bool) {
	if known, ok := after.inodes[ino]; ok {
		known.links++
		return
	}
	node := d.inodes[ino]
	rng := rand.New(rand.NewPCG(seed, ino))
	left := &inode{ino: ino, mode: node.mode, mtime: node.mtime, links: 1}
	after.inodes[ino] = left
	if !node.mode.IsDir() {
		left.data = survivingData(node.synced, node.writes, rng)
		left.synced = slices.Clone(left.data)
		return
	}
	left.links = 2
	left.names = survivingNames(node.syncedNames, node.namings, rng, journal)
	left.syncedNames = maps.Clone(left.names)
	for _, child := range left.names {
		d.surviveInto(after, child, seed, journal)
	}
}

// survivingNames returns what is left of a directory.
func survivingNames(synced map[string]uint64, namings []naming, rng *rand.Rand, journal bool) map[string]uint64 {
	names := maps.Clone(synced)
	prefix := someOf(len(namings), rng)
	for i, n := range namings {
		survives := i < prefix
		if !journal {
			survives = rng.IntN(2) == 0
		}
		if survives {
			n.apply(names)
		}
	}
	return names
}

// survivingData returns what is left of a file. Every sector has a version: the
// number of writes to the file that it has seen.
func survivingData(synced []byte, writes []write, rng *rand.Rand) []byte {
	version, sizeVersion := versions(writes, rng)
	data, size := slices.Clone(synced), int64(len(synced))
	for i, w := range writes {
		truncation := w.data == nil
		end := w.off + int64(len(w.data))
		switch {
		case truncation && i < sizeVersion:
			// What was cut off is not seen again, however large the file
			// becomes later on.
			size = w.off
			data = resize(data, size)
		case !truncation && i < version(w.off/sector):
			data = overwrite(data, w.off, w.data)
		}
		if !truncation && i < sizeVersion {
			size = max(size, end)
		}
	}
	return resize(data, size)
}

// versions decides which writes survive: in each sector, and in the size.
func versions(writes []write, rng *rand.Rand) (ofSector func(int64) int, ofSize int) {
	if rng.IntN(2) == 0 {
		// In order. The size may have been ahead of the bytes.
		n := someOf(len(writes), rng)
		return func(int64) int { return n }, n + rng.IntN(2)*someOf(len(writes)-n, rng)
	}
	byRun := make(map[int64]int)
	run := 1 + rng.Int64N(16) // sectors that go to the disk together
	return func(s int64) int {
		v, ok := byRun[s/run]
		if !ok {
			v = someOf(len(writes), rng)
			byRun[s/run] = v
		}
		return v
	}, someOf(len(writes), rng)
}

// someOf returns a number from 0 to n, often one of these two.
func someOf(n int, rng *rand.Rand) int {
	switch rng.IntN(4) {
	case 0:
		return 0
	case 1:
		return n
	default:
		return rng.IntN(n + 1)
	}
}
