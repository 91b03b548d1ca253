package filestore

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// surveyors read records at a time. Each mostly waits for the disk.
const surveyors = 16

// found is an upload that the survey could not leave as it is.
type found struct {
	id       string
	final    bool // it is a final upload that is not published
	removing bool // its removal has begun
}

// survey reads the record of each upload that has a data file, takes the
// unfinished ones in and returns the others, those that have parts, and those that
// are being removed, in the order in which they are to be seen to. It changes
// nothing on the disk.
func (s *Store) survey() ([]found, error) {
	var (
		batches = make(chan []string)
		readers sync.WaitGroup
		mu      sync.Mutex
		others  []found
	)
	for range surveyors {
		readers.Go(func() {
			for names := range batches {
				rest := s.surveyBatch(names)
				mu.Lock()
				others = append(others, rest...)
				mu.Unlock()
			}
		})
	}
	err := s.root.Names(datadir.Uploads, func(names []string) error {
		batches <- names
		return nil
	})
	close(batches)
	readers.Wait()
	return s.inOrder(others), err
}

// inOrder puts first what is being removed, of which nothing else is to be done,
// and then final uploads, which say whose data is left over.
func (s *Store) inOrder(others []found) []found {
	for _, f := range others {
		if f.removing {
			s.removing.Store(f.id, int64(0))
			s.unfinished.remove(f.id)
		}
	}
	others = slices.DeleteFunc(others, func(f found) bool {
		_, removing := s.removing.Load(f.id)
		return removing && !f.removing
	})
	rank := func(f found) int {
		switch {
		case f.removing:
			return 0
		case f.final:
			return 1
		}
		return 2
	}
	slices.SortFunc(others, func(a, b found) int { return rank(a) - rank(b) })
	return others
}

func (s *Store) surveyBatch(names []string) (others []found) {
	for _, name := range names {
		if id, ok := strings.CutSuffix(name, removedSuffix); ok && validID(id) {
			others = append(others, found{id: id, removing: true})
			continue
		}
		id, ok := strings.CutSuffix(name, dataSuffix)
		if !ok || !validID(id) {
			continue
		}
		rec, err := s.read(id)
		e := entry{unsettled: true}
		if err == nil {
			e = s.entryOf(rec)
			e.unsettled = true
		}
		s.unfinished.put(id, e)
		switch {
		case err != nil, rec.complete() && !rec.Partial && !rec.final(), !rec.final() && errors.Is(s.check(rec), errShort):
			others = append(others, found{id: id})
		case rec.final():
			others = append(others, found{id: id, final: true})
		}
	}
	return others
}
