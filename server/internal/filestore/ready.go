package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// Trouble returns what keeps the store from taking uploads as it should, each a
// sentence for the operator.
func (s *Store) Trouble() (reasons []string) {
	switch space, err := s.root.Space(); {
	case err != nil:
		reasons = append(reasons, "the disk does not tell how much of it is free")
	case !space.Boundless() && space.Free <= s.minFree(space):
		reasons = append(reasons, fmt.Sprintf("%d bytes are free, and more than %d should be", space.Free, s.minFree(space)))
	}
	if s.probe.ask(s.cfg.Now(), s.tryWrite) != nil {
		reasons = append(reasons, "the disk takes no file")
	}
	s.untrusted.Range(func(any, any) bool {
		reasons = append(reasons, "the record of an upload failed to sync")
		return false
	})
	if s.files.Unsure() {
		reasons = append(reasons, "the name of a finished file failed to sync")
	}
	return reasons
}

// probeEvery is how long the answer of a probe holds: many may ask.
const probeEvery = 5 * time.Second

// probe remembers whether the disk took a file. The zero value is ready to use; it
// is safe for concurrent use.
type probe struct {
	mu  sync.Mutex
	at  time.Time // zero before the first
	err error
}

// ask returns the error of try, or that of the last one if it is not long ago.
func (p *probe) ask(now time.Time, try func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() || now.Sub(p.at).Abs() >= probeEvery {
		p.at, p.err = now, try()
	}
	return p.err
}

// tryWrite writes a file, synced, and removes it, beside the directory of the uploads,
// so that no upload's sync is another's. A process that was killed may have left one.
func (s *Store) tryWrite() (err error) {
	defer func() {
		if err != nil {
			s.log.Warn("the disk takes no file", slog.Any("err", err))
		}
	}()
	f, err := s.root.Create(datadir.Probe)
	if errors.Is(err, fs.ErrExist) {
		if err = s.root.Remove(datadir.Probe); err == nil {
			f, err = s.root.Create(datadir.Probe)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("ok\n"), 0)
	return errors.Join(err, f.SyncData(), f.Close(), s.root.Remove(datadir.Probe))
}
