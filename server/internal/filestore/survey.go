package filestore

import (
	"strings"
	"sync"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// surveyors read records at a time. Each mostly waits for the disk.
const surveyors = 16

// found is an upload that the survey could not leave as it is.
type found struct {
	id    string
	err   error // of reading its record; nil if it is complete
	final bool  // it is a final upload that is not published
}

// survey reads the record of each upload that has a data file, takes the
// unfinished ones in and returns the others, and those that have parts. It
// changes nothing on the disk.
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
	return others, err
}

func (s *Store) surveyBatch(names []string) (others []found) {
	for _, name := range names {
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
		case err != nil, rec.complete() && !rec.Partial && !rec.final():
			others = append(others, found{id: id, err: err})
		case rec.final():
			others = append(others, found{id: id, final: true})
		}
	}
	return others
}
