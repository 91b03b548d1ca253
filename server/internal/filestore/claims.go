package filestore

import (
	"sync"
	"time"
)

// claims says which final upload each part belongs to, and what is known of the
// parts, for as long as the final one is not folded. It is made from the records
// at start and lives in memory. It is safe for concurrent use.
type claims struct {
	mu     sync.Mutex
	finals map[string]*final // by id
	parts  map[string]place  // by id of the part
}

// place is where a part belongs. Without a final, the part is being removed.
type place struct {
	final *final
	index int // in final.parts; negative once it is folded
}

// final is a final upload that is not folded yet. Once it is complete nothing
// of it changes any more but condemned.
type final struct {
	id   string
	ids  []string // of all its parts
	base commit   // its last commit when it was claimed: what of it is folded
	// parts are those that were not folded then, in order.
	parts     []part
	missing   int       // how many of them are not complete
	written   time.Time // when the last byte was stored in one of them
	created   bool      // its files are on disk; before, nobody is told of it
	condemned bool      // it is being removed
	broken    bool      // a part cannot be read; everything is kept as it is

	// Once complete:
	length  int64
	crc32c  uint32
	largest int64 // the length of the largest part
}

// part is what is known of a part.
type part struct {
	id     string
	offset int64
	length *int64 // nil while it is deferred
	crc32c uint32 // of the first offset bytes
	end    int64  // once the final upload is complete: where the part ends in it
}

func (p part) complete() bool { return p.length != nil && *p.length == p.offset }

func newClaims() *claims {
	return &claims{finals: make(map[string]*final), parts: make(map[string]place)}
}

// claim makes the parts of rec its own, or returns [ErrPartTaken] if one of them
// is another's. Nothing is known of them until [claims.note].
func (c *claims) claim(rec *record) (*final, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range rec.Parts {
		if _, taken := c.parts[id]; taken {
			return nil, ErrPartTaken
		}
	}
	left := rec.Parts[rec.Folded:]
	f := &final{id: rec.ID, ids: rec.Parts, base: rec.commit, parts: make([]part, len(left)), missing: len(left), written: rec.At}
	for i, id := range rec.Parts {
		index := i - rec.Folded
		c.parts[id] = place{f, index}
		if index >= 0 {
			f.parts[index].id = id
		}
	}
	c.finals[f.id] = f
	return f, nil
}

// created makes f known, now that its record is on disk, and reports whether it
// is complete: from now on [claims.note] says so.
func (c *claims) created(f *final) (complete bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.created = true
	return f.missing == 0
}

// breaks says that f is not what its record says, and keeps its parts.
func (c *claims) breaks(f *final) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.broken = true
}

// release gives back what belongs to the final upload called id, if it is one.
func (c *claims) release(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.finals[id]
	if f == nil {
		return
	}
	delete(c.finals, id)
	for _, id := range f.ids {
		delete(c.parts, id)
	}
}

// note takes in what a commit says of an upload, if that is a part of anything.
// It returns the final upload if this makes it complete.
func (c *claims) note(rec *record) (complete *final) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.parts[rec.ID]
	if at.final == nil || at.index < 0 || rec.Rejected {
		return nil
	}
	f, p := at.final, &at.final.parts[at.index]
	if rec.At.After(f.written) {
		f.written = rec.At
	}
	// A creation reads the parts while they are being written to.
	older := rec.Offset < p.offset || rec.Length == nil && p.length != nil
	if older || p.complete() {
		return nil
	}
	p.offset, p.length, p.crc32c = rec.Offset, rec.Length, rec.CRC32C
	if !p.complete() {
		return nil
	}
	if f.missing--; f.missing > 0 {
		return nil
	}
	f.sum()
	if !f.created || f.condemned {
		return nil
	}
	return f
}

// sum says where everything of a complete final upload is.
func (f *final) sum() {
	f.length, f.crc32c = f.base.Offset, f.base.CRC32C
	for i := range f.parts {
		p := &f.parts[i]
		f.length += *p.length
		f.crc32c = combine(f.crc32c, p.crc32c, *p.length)
		f.largest = max(f.largest, *p.length)
		p.end = f.length
	}
}

// fits reports whether f has at most limit bytes, as far as is known.
func (c *claims) fits(f *final, limit int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f.fits(limit, "", 0)
}

// fitsWith reports whether the final upload that the part called id belongs to
// has at most limit bytes if the part has length bytes.
func (c *claims) fitsWith(id string, length, limit int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.parts[id].final
	return f == nil || f.fits(limit, id, length)
}

// fits adds up the lengths of the parts, of which the one called id has length
// bytes. One whose length is not known counts with the bytes it has.
func (f *final) fits(limit int64, id string, length int64) bool {
	left := limit - f.base.Offset
	for _, p := range f.parts {
		size := p.offset
		switch {
		case p.id == id:
			size = length
		case p.length != nil:
			size = *p.length
		}
		if size > left {
			return false
		}
		left -= size
	}
	return true
}

// hold keeps the part called id from being claimed while it is removed. It
// returns [ErrPartTaken] if it is.
func (c *claims) hold(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts[id].final != nil {
		return ErrPartTaken
	}
	c.parts[id] = place{}
	return nil
}

// drop ends hold.
func (c *claims) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.parts, id)
}

// condemn says that the final upload called id is being removed, if it is one:
// from now on nobody begins to fold it, also if its last part is completed.
func (c *claims) condemn(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.finals[id]; f != nil {
		f.condemned = true
	}
}

// pardon takes condemn back, and returns the final upload if it is complete.
func (c *claims) pardon(id string) (complete *final) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.finals[id]
	if f == nil {
		return nil
	}
	f.condemned = false
	if f.missing > 0 || f.broken {
		return nil
	}
	return f
}

// condemnOverdue is condemn if the final upload is not complete and the last byte
// came too long ago. It reports whether that is so.
func (c *claims) condemnOverdue(id string, overdue func(written time.Time) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.finals[id]
	if f == nil || f.missing == 0 || !overdue(f.written) {
		return false
	}
	f.condemned = true
	return true
}

// folded reports whether the bytes of the part called id are in its final upload.
func (c *claims) folded(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.parts[id]
	return at.final != nil && at.index < 0
}

func (c *claims) condemned(f *final) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f.condemned
}

// status is how far a final upload is.
type status struct {
	final    *final // to be looked at once it is complete
	created  bool
	complete bool
	broken   bool
	length   *int64 // nil while that of a part is deferred
	written  time.Time
}

// status returns that of the final upload that is called id, or that the part
// called id belongs to. It returns nil if there is none, or it is folded.
func (c *claims) status(id string) *status {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.finals[id]
	if f == nil {
		f = c.parts[id].final
	}
	if f == nil {
		return nil
	}
	s := &status{final: f, created: f.created, complete: f.missing == 0, broken: f.broken, written: f.written}
	if s.complete {
		s.length = &f.length
		return s
	}
	length := f.base.Offset
	for _, p := range f.parts {
		if p.length == nil {
			return s
		}
		length += *p.length
	}
	s.length = &length
	return s
}
