package client

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// smallestPart is how many bytes a part has at least: below it a connection of
// its own is not worth it.
const smallestPart = 1 << 20

// parts are the partial uploads of one push (tus 1.0.0, Concatenation). Each is a
// push of its own, of a section of the source, in a goroutine of its own.
type parts struct {
	whole *push
	all   []*push

	mu       sync.Mutex // guards the following, and keeps events apart
	records  []resume.Part
	received []int64
	stored   []int64
	begun    []bool  // the part was created, or its server was asked for what it has
	from     []int64 // where it began
	resumed  bool    // one of them has an earlier push's bytes
	told     bool    // that they have begun
}

// inParts returns the partial uploads that this push is made of, or nil if it
// goes as one. Parts that the record has go on, however many are wanted now.
func (p *push) inParts(ctx context.Context) (*parts, error) {
	if p.record != nil {
		return p.recordedParts(ctx)
	}
	n := p.wantedParts()
	if n < 2 || p.growth != nil || p.options.Append || p.options.Finish {
		return nil, nil
	}
	var able abilities
	err := p.persist(ctx, func() (err error) {
		able, err = p.c.abilities(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !able.has("concatenation") {
		if p.options.Parallel != AutoParallel {
			p.notify(Event{Kind: Notice, Err: &UnsupportedError{"concatenation"}})
		}
		return nil, nil
	}
	return p.newParts(n), nil
}

func (p *push) partsOf(records []resume.Part) *parts {
	n := len(records)
	return &parts{whole: p, records: records, received: make([]int64, n), stored: make([]int64, n), begun: make([]bool, n), from: make([]int64, n)}
}

func (p *push) newParts(n int64) *parts {
	s := p.partsOf(make([]resume.Part, n))
	each := p.size / n
	for i := range s.records {
		s.records[i].Length = each
	}
	s.records[n-1].Length += p.size % n
	p.created = time.Now()
	return s
}

func (p *push) recordedParts(ctx context.Context) (*parts, error) {
	if len(p.record.Parts) == 0 {
		return nil, nil
	}
	total := int64(0)
	for _, part := range p.record.Parts {
		total += part.Length
	}
	if total != p.size && !p.options.Restart {
		return nil, p.source.changed("it has %d bytes, and the upload was declared to have %d", p.size, total)
	}
	if total != p.size {
		p.terminateParts(ctx, p.record.Parts)
		p.record = nil
		return p.inParts(ctx)
	}
	s := p.partsOf(p.record.Parts)
	for i, part := range s.records {
		s.received[i], s.stored[i] = part.Offset, part.Offset
	}
	p.created, p.adopted, p.recorded = p.record.Created, true, true
	return s, nil
}

// send sends all parts and has the server join them.
func (s *parts) send(ctx context.Context) error {
	for i, offset := 0, int64(0); i < len(s.records); i++ {
		s.all = append(s.all, s.push(i, offset))
		offset += s.records[i].Length
	}
	if joined, err := s.joinAgain(ctx); joined || err != nil {
		return err
	}
	if err := s.run(ctx); err != nil {
		return err
	}
	if s.whole.keeper != nil {
		if err := s.whole.keeper.save(s.whole.current()); err != nil {
			return fmt.Errorf("%w: %w", ErrRecords, err)
		}
	}
	return s.join(ctx)
}

// run sends all parts at the same time. The first that fails ends the others.
func (s *parts) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	var failed error
	var once sync.Once
	for _, part := range s.all {
		running.Go(func() {
			if err := part.run(ctx); err != nil {
				once.Do(func() { failed = err })
				cancel(err)
			}
		})
	}
	running.Wait()
	s.gather()
	return failed
}

// push is that of part i, which begins at offset of the source.
func (s *parts) push(i int, offset int64) *push {
	p, known := s.whole, s.records[i]
	source := *p.source
	source.ReaderAt = io.NewSectionReader(p.source, offset, known.Length)
	part := &push{
		c: p.c, options: Options{Restart: p.options.Restart, Notify: func(e Event) { s.tell(i, e) }},
		source: &source, size: known.Length, ended: true, began: p.began, partial: true, trail: new(trail.Trail),
	}
	part.retry = retry{patience: p.retry.patience, contact: p.retry.contact, notify: func(wait time.Duration, err error) {
		part.notify(Event{Kind: Retrying, Wait: wait, Err: err})
	}}
	if p.saver != nil {
		part.keeper = &partKeeper{s, i}
	}
	if known.URL != "" {
		part.record = &resume.Record{URL: known.URL, Trail: known.Trail, Ends: known.Ends, Offset: known.Offset, File: known.File, Created: p.created}
	}
	return part
}

// gather makes the state of the parts that of the whole.
func (s *parts) gather() {
	p := s.whole
	p.offset, p.start = 0, 0
	for i, part := range s.all {
		p.offset += part.offset
		p.start += part.start
		p.adopted, p.acted, p.recorded = p.adopted || part.adopted, p.acted || part.acted, p.recorded || part.recorded
		if part.adopted {
			s.note(i, part.current())
		}
	}
}

// tell makes an event of part i one of the whole.
func (s *parts) tell(i int, e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := Event{Kind: e.Kind, Wait: e.Wait, Err: e.Err, Size: s.whole.size}
	switch e.Kind {
	case Verifying:
		return // how far they are does not add up to anything
	case Started, Resumed:
		if !s.begins(i, e) {
			return
		}
		if told.Kind = Started; s.resumed {
			told.Kind = Resumed
		}
	case Progress:
		s.received[i], s.stored[i] = e.Offset, e.Stored
	}
	told.Stored = sum(s.stored)
	switch told.Kind {
	case Progress:
		told.Offset = sum(s.received)
	case Started, Resumed:
		told.Offset = sum(s.from)
	default:
		told.Offset = told.Stored
	}
	if notify := s.whole.options.Notify; notify != nil {
		notify(told)
	}
}

// begins takes in that part i has begun, and reports whether that is to be told:
// once, of new parts when the first is there, and of such as go on when it is
// known of all where they do. Some of them may be further by then.
func (s *parts) begins(i int, e Event) bool {
	s.begun[i], s.from[i] = true, e.Stored
	s.resumed = s.resumed || e.Kind == Resumed
	s.received[i], s.stored[i] = e.Stored, e.Stored
	if s.told || s.whole.record != nil && slices.Contains(s.begun, false) {
		return false
	}
	s.told = true
	return true
}

func sum(list []int64) (n int64) {
	for _, item := range list {
		n += item
	}
	return n
}

// partKeeper keeps the record of a part within that of the whole.
type partKeeper struct {
	parts *parts
	index int
}

func (k *partKeeper) save(r *resume.Record) error {
	return k.parts.whole.saver.save(k.parts.note(k.index, r))
}

func (k *partKeeper) put(r *resume.Record) { k.parts.whole.saver.put(k.parts.note(k.index, r)) }

// note takes over the record r of part i and returns that of the whole. The others
// keep what they know of the file: it may have changed in them, and they have still
// to find out.
func (s *parts) note(i int, r *resume.Record) *resume.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := &s.records[i]
	known.URL, known.Offset, known.Trail, known.Ends, known.File = r.URL, r.Offset, r.Trail, r.Ends, r.File
	return s.whole.currentParts(s.records)
}
