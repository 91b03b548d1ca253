// Package resume keeps what a later run needs to continue an upload: one JSON
// file per upload, named after the endpoint and the file.
//
// A [Record] is written to a temporary file, synced and renamed, so a reader
// sees the old or the new one and never a part; where there is no time for that it
// is noted as a further line. A [Slot] holds a lock on its
// name for as long as it is open, so that two processes that push the same file
// to the same endpoint do not disturb each other, and any others work side by
// side. The record is a hint that speeds things up; what the server says wins.
package resume

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// Version is the version of the records that this package writes and reads.
const Version = 1

// ErrNewer says that a record was written by a later version of the program. It
// is left as it is.
var ErrNewer = errors.New("resume record of a newer version")

// ErrBroken says that a record cannot be understood. It may be overwritten.
var ErrBroken = errors.New("broken resume record")

// Record is what is known of one upload.
type Record struct {
	Version  int          `json:"version"`
	Endpoint string       `json:"endpoint"`           // e.g. "https://example.org/files/"
	URL      string       `json:"url"`                // of the upload, absolute
	Path     string       `json:"path,omitempty"`     // of the file, absolute; empty if it is none
	RawPath  []byte       `json:"rawPath,omitempty"`  // in place of Path where that is not UTF-8
	Name     string       `json:"name,omitempty"`     // of a source that is no file
	Metadata string       `json:"metadata,omitempty"` // as in Upload-Metadata
	File     Stat         `json:"file"`               // as it was when the last run began
	Trail    *trail.Trail `json:"trail"`              // of the bytes handed to the network, which may be ahead of Offset
	Ends     *Ends        `json:"ends,omitempty"`     // of those bytes, or of some before; nil if it is no file
	Offset   int64        `json:"offset"`             // that the server has acknowledged
	Open     bool         `json:"open"`               // the length is not declared yet
	Finished bool         `json:"finished"`           // the server has everything
	Created  time.Time    `json:"created"`            // UTC
	// Parts are the partial uploads of which the upload is to be made, in the order
	// of their bytes. While there are some, URL and Trail are empty.
	Parts []Part `json:"parts,omitempty"`
}

// MarshalJSON writes the record; JSON has no strings for paths that are not UTF-8.
func (r *Record) MarshalJSON() ([]byte, error) {
	type plain Record
	p := plain(*r)
	if !utf8.ValidString(p.Path) {
		p.Path, p.RawPath = "", []byte(p.Path)
	}
	return json.Marshal(p)
}

// Part is what is known of one partial upload.
type Part struct {
	URL    string       `json:"url,omitempty"` // absolute; empty as long as it is not created
	Length int64        `json:"length"`
	Offset int64        `json:"offset"`
	Trail  *trail.Trail `json:"trail,omitempty"` // of the bytes of the part; nil without URL
	Ends   *Ends        `json:"ends,omitempty"`  // as in Record
	File   Stat         `json:"file,omitzero"`   // as it was when Trail was last known to be its
}

// Ends are the CRC-32C of the first bytes of what was sent and of the last ones
// before Offset: of so many as the client looks at, or all if there are fewer.
type Ends struct {
	Offset int64  `json:"offset"`
	Head   uint32 `json:"head"`
	Tail   uint32 `json:"tail"`
}

// Stat tells whether a file is still the one that was read before. Device, Inode
// and Changed are 0 where the platform has none.
type Stat struct {
	Device   uint64 `json:"device"`
	Inode    uint64 `json:"inode"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970, UTC
	// Changed is when the file was last written to, renamed or given other times,
	// which nobody can set back, in nanoseconds since 1970, UTC.
	Changed int64 `json:"changed,omitempty"`
}

// Parse reads the content of a record's file: one record to a line, of which the
// last whole one counts. The error is ErrNewer or ErrBroken, with the reason why
// the first one does not count either.
func Parse(data []byte) (r *Record, err error) {
	lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	for _, line := range slices.Backward(lines) {
		if r, err = parseLine(line); !errors.Is(err, ErrBroken) {
			return r, err
		}
	}
	return nil, err
}

func parseLine(data []byte) (*Record, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if head.Version > Version {
		return nil, fmt.Errorf("%w: version %d, known up to %d", ErrNewer, head.Version, Version)
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if r.RawPath != nil {
		r.Path, r.RawPath = string(r.RawPath), nil
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return &r, nil
}

func (r *Record) check() error {
	for _, p := range r.Parts {
		if err := p.check(); err != nil {
			return err
		}
	}
	switch {
	case r.Version != Version:
		return fmt.Errorf("version %d", r.Version)
	case (len(r.Parts) > 0) == isAddress(r.URL):
		return errors.New("url is no web address")
	case r.Path != "" && !filepath.IsAbs(r.Path):
		return errors.New("path is not absolute")
	case (r.Path == "") == (r.Name == ""):
		return errors.New("neither or both of path and name")
	case r.Trail == nil:
		return errors.New("no trail")
	case r.Offset < 0 || r.File.Size < 0 || r.Ends != nil && r.Ends.Offset <= 0:
		return errors.New("negative offset or size")
	}
	return nil
}

// Addresses returns the URLs of those parts that are created.
func Addresses(parts []Part) (list []string) {
	for _, p := range parts {
		if p.URL != "" {
			list = append(list, p.URL)
		}
	}
	return list
}

func (p Part) check() error {
	switch {
	case p.Length < 0, p.Offset < 0, p.Offset > p.Length:
		return errors.New("offset and length of a part do not fit")
	case p.Ends != nil && p.Ends.Offset <= 0:
		return errors.New("ends of nothing")
	case p.URL == "" && p.Offset == 0:
		return nil
	case !isAddress(p.URL):
		return errors.New("url of a part is no web address")
	case p.Trail == nil:
		return errors.New("a part has no trail")
	}
	return nil
}

func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
