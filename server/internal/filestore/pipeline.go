package filestore

import (
	"sync"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

const (
	// flying is how many full blocks of a pipeline may wait to be written while
	// the next one is filled.
	flying = 2
	// maxPipelines bounds the memory of them all to 192 MiB. Uploads beyond it
	// trickle.
	maxPipelines = 32
	// pipelineFrom is how many bytes must be to come for a pipeline to be worth
	// its making.
	pipelineFrom = 1 << 20
)

// pipelines are the ones that may still be made.
var pipelines = make(tickets, maxPipelines)

// tickets are taken and given back; there are as many as the capacity says.
type tickets chan struct{}

func (t tickets) take() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t tickets) giveBack() { <-t }

// pipeline is the sink for many bytes that come fast: a goroutine of its own
// writes full blocks, around the page cache where it can, while the next one is
// filled.
type pipeline struct {
	direct *durable.Direct
	block  *durable.Block // being filled; nil when there is none yet
	from   int64          // offset of the first byte in it
	to     int64          // and of the next one that comes

	full    chan piece
	written chan error // one for each piece
	pending int        // pieces whose error has not been received
	err     error      // that was received and not returned
	writer  sync.WaitGroup
}

// piece is a part of a block that is to be written.
type piece struct {
	block *durable.Block
	bytes []byte
}

// newPipeline starts a pipeline, for which the caller has taken a ticket, at the
// place up to which bytes have arrived and were written.
func newPipeline(a *appender) *pipeline {
	p := &pipeline{
		direct: a.upload.store.root.OpenDirect(a.data, dataPath(a.upload.rec.ID)),
		from:   a.arrived, to: a.arrived,
		full: make(chan piece, flying), written: make(chan error, flying),
	}
	p.writer.Go(func() { p.run(a) })
	return p
}

// run writes what is full. After an error it writes nothing more: the bytes that
// follow would leave a gap.
func (p *pipeline) run(a *appender) {
	failed := false
	for piece := range p.full {
		var err error
		if !failed {
			err = a.write(p.direct, piece.bytes)
			failed = err != nil
		}
		piece.block.Free()
		p.written <- err
	}
}

func (p *pipeline) space() []byte {
	if p.block == nil {
		if p.pending == flying {
			p.wait()
		}
		p.block = durable.NewBlock()
	}
	return p.block.At(p.to)
}

func (p *pipeline) took(n int) error {
	p.to += int64(n)
	if p.to > p.from && p.to%durable.BlockSize == 0 {
		p.send()
	}
	return p.failure()
}

func (p *pipeline) flush() error {
	if p.to > p.from {
		p.send()
	}
	for p.pending > 0 {
		p.wait()
	}
	return p.failure()
}

func (p *pipeline) release() {
	close(p.full)
	p.writer.Wait()
	if p.block != nil {
		p.block.Free()
	}
	// Nothing was written since the last flush.
	_ = p.direct.Close()
	pipelines.giveBack()
}

func (p *pipeline) send() {
	p.full <- piece{p.block, p.block.At(p.from)[:p.to-p.from]}
	p.pending++
	p.block, p.from = nil, p.to
}

// wait waits for one piece to be written.
func (p *pipeline) wait() {
	err := <-p.written
	p.pending--
	if p.err == nil {
		p.err = err
	}
}

// failure returns an error once.
func (p *pipeline) failure() error {
	err := p.err
	p.err = nil
	return err
}
