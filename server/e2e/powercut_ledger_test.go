//go:build fuse

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/longhaul-io/longhaul/server/internal/powercut"
)

// ledger is what was sent to a disk's server and what it promised of that. The
// promises are used by one client at a time each.
type ledger struct {
	mu       sync.Mutex
	promises []*promise
	// assemblies are final uploads; their parts are not among the promises.
	assemblies []*assembly
	source     []byte // contents are parts of it
}

const sourceSize = 8 << 20

func newLedger() *ledger {
	l := &ledger{source: make([]byte, sourceSize)}
	_, _ = rand.NewChaCha8([32]byte{1}).Read(l.source)
	return l
}

// promise is one upload.
type promise struct {
	name    string
	folder  string // that its file goes to, with a slash; empty for none
	content []byte
	id      string // empty as long as nobody has been told of it
	sha256  bool   // is told too
	wrong   bool   // something else was announced, so that it is rejected in the end

	sent       atomic.Int64 // how many bytes may have reached the server
	offset     int64        // the highest that was acknowledged
	held       interval     // that the last chunk would fill, if it came with a checksum
	deferred   bool         // the server knows no length, as far as it has said
	toldLength bool         // it may have heard of one
	deleteSent bool
	deleted    bool // acknowledged
}

// interval is the bytes from from to to.
type interval struct{ from, to int64 }

// add makes up an upload: mostly small, sometimes of several MiB, one in four
// under a name that others have too.
func (l *ledger) add(rng *rand.Rand) *promise {
	size := 16 + rng.IntN(5000)
	switch rng.IntN(8) {
	case 0:
		size = 16 + rng.IntN(4<<20)
	case 1, 2:
		size = 16 + rng.IntN(200<<10)
	}
	start := rng.IntN(sourceSize - size)
	p := &promise{content: l.source[start : start+size]}
	l.mu.Lock()
	defer l.mu.Unlock()
	p.name = fmt.Sprintf("%d.bin", len(l.promises))
	if rng.IntN(4) == 0 {
		p.name = "same.bin"
	}
	if rng.IntN(3) == 0 {
		p.folder = fmt.Sprintf("same/%d/", rng.IntN(4))
	}
	l.promises = append(l.promises, p)
	return p
}

// shares deals the uploads that somebody knows of out to n clients.
func (l *ledger) shares(n int) [][]*promise {
	hands := make([][]*promise, n)
	for i, p := range l.promises {
		if p.id != "" {
			hands[i%n] = append(hands[i%n], p)
		}
	}
	return hands
}

func (p *promise) gone() bool     { return p.id == "" || p.deleteSent }
func (p *promise) finished() bool { return p.offset == int64(len(p.content)) && !p.deferred }

// endAt shortens what there is to upload. What came after the acknowledged bytes
// may have reached the server's disk, and must not stay there.
func (p *promise) endAt(size int64) {
	p.content = p.content[:size]
	p.sent.Store(p.offset)
}

// sending notes that the server may have the first n bytes.
func (p *promise) sending(n int64) {
	for {
		old := p.sent.Load()
		if n <= old || p.sent.CompareAndSwap(old, n) {
			return
		}
	}
}

// heard takes note of an answer with an offset.
func (p *promise) heard(h http.Header) error {
	offset, err := strconv.ParseInt(h.Get("Upload-Offset"), 10, 64)
	switch {
	case err != nil:
		return fmt.Errorf("Upload-Offset: %w", err)
	case offset < p.offset:
		return fmt.Errorf("%d bytes were acknowledged, and now there are %d", p.offset, offset)
	case offset > p.sent.Load():
		return fmt.Errorf("%d bytes were sent, and now there are %d", p.sent.Load(), offset)
	case p.held.from < offset && offset < p.held.to:
		return fmt.Errorf("%d bytes count of %d that came with one checksum", offset-p.held.from, p.held.to-p.held.from)
	case h.Get("Upload-Digest") != p.digest(offset):
		return fmt.Errorf("the digest of %d bytes is %s, want %s", offset, h.Get("Upload-Digest"), p.digest(offset))
	case p.wrong && offset == int64(len(p.content)):
		return errors.New("what was not announced is taken for finished")
	}
	p.offset = offset
	if p.finished() && h.Get("Repr-Digest") != p.digest(offset) {
		return fmt.Errorf("the digest of the file is %q, want %s", h.Get("Repr-Digest"), p.digest(offset))
	}
	return nil
}

// describe says of which upload err is.
func (p *promise) describe(err error) error {
	if err == nil || errors.Is(err, errCut) || errors.Is(err, errHungUp) {
		return err
	}
	return fmt.Errorf("upload %q (%s), %d bytes, %d sent, %d acknowledged: %w", p.id, p.name, len(p.content), p.sent.Load(), p.offset, err)
}

// check holds the server to everything that it promised.
func (l *ledger) check(c *client) error {
	for _, p := range l.promises {
		if err := p.check(c); err != nil {
			return err
		}
	}
	if err := l.checkAssemblies(c); err != nil {
		return err
	}
	if err := l.checkFiles(c.disk); err != nil {
		return err
	}
	return l.checkUploads(c.disk)
}

func (p *promise) check(c *client) error {
	if p.id == "" {
		return nil
	}
	if p.deleteSent && !p.deleted {
		// It may have been deleted, or in part. Either way it goes now.
		return p.deleteAgain(c)
	}
	if p.deleted {
		result := c.do(http.MethodHead, c.endpoint+p.id, nil, 0, nil, http.StatusNotFound, func(http.Header) {})
		return p.describe(result)
	}
	if err := c.head(p); err != nil || !p.finished() {
		return err
	}
	return c.download(p)
}

func (p *promise) deleteAgain(c *client) error {
	err := c.remove(p)
	if err == nil || errors.Is(err, errCut) {
		return err
	}
	return p.describe(c.do(http.MethodDelete, c.endpoint+p.id, nil, 0, nil, http.StatusNotFound, func(http.Header) { p.deleted = true }))
}

// complete goes on with every upload to its end.
func (l *ledger) complete(c *client) error {
	for _, p := range l.promises {
		if p.gone() {
			continue
		}
		if size := int64(len(p.content)) - p.offset; !p.finished() {
			if err := c.patch(p, size, size, true); err != nil {
				return err
			}
		}
		if err := c.download(p); err != nil {
			return err
		}
	}
	return nil
}

// checkFiles looks at the finished files: each is there once, as it was sent,
// and nothing else is there.
func (l *ledger) checkFiles(disk *powercut.Disk) error {
	paths, err := filesBelow(disk, "data/files")
	if err != nil {
		return err
	}
	found, joined := make(map[*promise]int), make(map[*assembly]int)
	for _, name := range paths {
		data, err := disk.ReadFile(name)
		if err != nil {
			return err
		}
		if a := l.findJoined(path.Base(name), data); a != nil {
			joined[a]++
			continue
		}
		p := l.find(data)
		if p == nil {
			return fmt.Errorf("%s, %d bytes, is nothing that was sent as a whole", name, len(data))
		}
		found[p]++
	}
	for _, p := range l.promises {
		least, most := 0, 0
		switch {
		case p.deleted, p.wrong:
		case p.id != "" && p.finished():
			least, most = 1, 1
		case p.id == "" && p.sent.Load() == int64(len(p.content)):
			most = 1 // created and finished by a request that got no answer
		}
		if n := found[p]; n < least || n > most {
			return p.describe(fmt.Errorf("is %d times in files/, want %d to %d", n, least, most))
		}
	}
	return l.checkJoined(joined, disk)
}

// filesBelow returns the paths of the files below dir.
func filesBelow(disk *powercut.Disk, dir string) (paths []string, err error) {
	names, err := disk.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		switch below, err := filesBelow(disk, dir+"/"+name); {
		case errors.Is(err, syscall.ENOTDIR):
			paths = append(paths, dir+"/"+name)
		case err != nil:
			return nil, err
		default:
			paths = append(paths, below...)
		}
	}
	return paths, nil
}

func (l *ledger) find(data []byte) *promise {
	for _, p := range l.promises {
		if len(p.content) == len(data) && bytes.Equal(p.content, data) {
			return p
		}
	}
	return nil
}

// checkUploads looks at the rest: the acknowledged bytes of an unfinished upload
// are there, none are left of a finished or a deleted one, and no record that
// mattered was set aside.
func (l *ledger) checkUploads(disk *powercut.Disk) error {
	aside, err := disk.ReadDir("data/quarantine")
	if err != nil && !errors.Is(err, syscall.ENOENT) {
		return err
	}
	for _, p := range l.promises {
		if p.id == "" {
			continue
		}
		if slices.Contains(aside, p.id+".log") || slices.Contains(aside, p.id+".data") {
			return p.describe(errors.New("was set aside"))
		}
		_, removing := disk.ReadFile("data/uploads/" + p.id + ".removed")
		data, err := disk.ReadFile("data/uploads/" + p.id + ".data")
		switch {
		case !errors.Is(removing, syscall.ENOENT):
			return p.describe(errors.New("its removal has not ended"))
		case p.deleted || p.finished() && !p.wrong:
			if !errors.Is(err, syscall.ENOENT) {
				return p.describe(errors.New("its bytes are left over in uploads/"))
			}
		case err != nil:
			return p.describe(err)
		case !bytes.HasPrefix(data, p.content[:p.offset]):
			return p.describe(errors.New("the bytes in uploads/ are not the ones that were sent"))
		}
		if _, err := disk.ReadFile("data/uploads/" + p.id + ".log"); p.deleted && !errors.Is(err, syscall.ENOENT) {
			return p.describe(errors.New("its record is left over"))
		}
	}
	return nil
}
