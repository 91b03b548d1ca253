package client

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// Record is what is remembered of an upload that this user made on this machine.
// Only the server knows how it stands now; ask that with Status.
type Record struct {
	Endpoint string
	URL      string       // of the upload; empty as long as it is in parts
	Parts    []string     // URLs of its partial uploads, if there are any
	Path     string       // of the file, absolute; empty if the source was none
	Name     string       // of a source that was no file
	Metadata tus.Metadata // as it was sent
	Size     int64        // of the source when it was last sent, in bytes
	Offset   int64        // that the server had acknowledged then
	Open     bool         // it was left open for more
	Finished bool         // the server had everything
	Created  time.Time
}

// Records returns what is remembered in dir, which is as in Config.StateDir, the
// oldest first. The error is ErrRecords with that of the file system.
func Records(dir string) ([]Record, error) {
	listed, err := resume.List(stateDir(dir))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecords, err)
	}
	records := make([]Record, len(listed))
	for i, r := range listed {
		records[i] = Record{
			Endpoint: r.Endpoint, URL: r.URL, Parts: resume.Addresses(r.Parts), Path: r.Path, Name: r.Name, Metadata: decodeMetadata(r.Metadata),
			Size: r.File.Size, Offset: r.Offset, Open: r.Open, Finished: r.Finished, Created: r.Created,
		}
	}
	slices.SortStableFunc(records, func(a, b Record) int { return a.Created.Compare(b.Created) })
	return records, nil
}

// Forget removes the record from dir, which is as in Config.StateDir. One that is
// gone already is no error; ErrBusy says that the upload is running.
func (r Record) Forget(dir string) error {
	endpoint, err := url.Parse(r.Endpoint)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRecords, err)
	}
	key := r.Path
	if key == "" {
		key = nameKey(r.Name)
	}
	slot, err := resume.Open(stateDir(dir), nameOf(*endpoint), key)
	if errors.Is(err, ErrBusy) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRecords, err)
	}
	defer slot.Close()
	// Another upload of the same source may have taken its place.
	if now, err := slot.Load(); err == nil && now != nil && now.URL != r.URL {
		return nil
	}
	if err := slot.Remove(); err != nil {
		return fmt.Errorf("%w: %w", ErrRecords, err)
	}
	return nil
}
