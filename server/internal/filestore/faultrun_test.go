package filestore

import (
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
)

// aftermath is what happens after the call that failed.
type aftermath int

const (
	restarted aftermath = iota // the process, with what the page cache holds
	powerCut                   // the machine, without it
	retried                    // the client goes on at once; then a power cut
)

func (a aftermath) String() string {
	return [...]string{"restart", "power cut", "retry and power cut"}[a]
}

// row is one line of the table.
type row struct {
	fault
	aftermath
}

func (r row) String() string {
	return fmt.Sprintf("%d %v, %v, %v", r.at, r.how, r.err, r.aftermath)
}

// everyFault calls try with each failure of each call of one operation until it
// reports that there are no more calls, and says how many rows there were.
func everyFault(errs []syscall.Errno, try func(row) (hit bool)) (rows int) {
	for at := 0; ; at++ {
		for _, how := range []how{notApplied, applied, half} {
			for _, err := range errs {
				for _, then := range []aftermath{restarted, powerCut, retried} {
					if !try(row{fault{at, how, err}, then}) {
						return rows
					}
					rows++
				}
			}
		}
	}
}

// Every call to the disk fails in every way during every operation. Nobody loses
// what he was told, and everybody gets where he wants to.
func TestFaults(t *testing.T) { faults(t, operations) }

func faults(t *testing.T, operations []operation) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			errs := []syscall.Errno{syscall.EIO}
			if !op.server {
				errs = append(errs, syscall.ENOSPC) // a client hears the difference
			}
			rows := everyFault(errs, func(r row) (hit bool) {
				t.Run(r.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t)
						if op.prepare != nil {
							op.prepare(w)
						}
						hit = w.fails(op.act, r, op.server)
						if op.after != nil {
							op.after(w)
						}
						w.invariants()
					})
				})
				return hit
			})
			t.Logf("%d rows", rows)
		})
	}
}

// goOn does what the client does next.
func (w *world) goOn() error {
	if w.parts != nil {
		return w.joinedToTheEnd()
	}
	return w.toTheEnd()
}

// fails lets act fail as r says and returns in the store opened after it. It
// reports whether there was such a call.
func (w *world) fails(act func(*world) error, r row, server bool) (hit bool) {
	w.Helper()
	w.disk.set(r.fault)
	err := act(w)
	hit = w.disk.hit()
	if hit && err != nil && !server {
		w.readable(err, r.err)
	}
	if !hit && err != nil {
		w.Errorf("without a fault: %v", err)
	}
	if len(pipelines) != 0 {
		w.Fatalf("%d pipelines were not given back", len(pipelines))
	}
	w.disk.set(noFault)
	if r.aftermath == retried && !w.gone && (w.id != "" || w.parts != nil) {
		// The store may refuse until a restart has told it what is on disk.
		if err := w.goOn(); err != nil && !isGone(err) && !server {
			w.readable(err, syscall.EIO)
		}
	}
	if r.aftermath != restarted {
		w.disk.powerCut(w.T)
	}
	w.restart()
	return hit
}
