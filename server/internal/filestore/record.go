package filestore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/digest"
)

// recordVersion is the version of the record format. A record of another
// version is refused, never guessed at.
const recordVersion = 1

// tailWindow is how much of the end of a record is read to find the last
// commit, which is far smaller.
const tailWindow = 8 << 10

// errNoRecord means that a record has no whole creation and commit, and speaks of no
// byte, as one does that was cut off while it was created. One that was acknowledged
// and is lost looks the same.
var errNoRecord = errors.New("record has no whole creation")

// errDamaged means that a record has no whole creation, but a commit that speaks of
// bytes.
var errDamaged = errors.New("record has lost its creation")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// creation is the first line of a record.
type creation struct {
	Version int       `json:"v"`
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// What is returned to the byte need not be UTF-8, as JSON strings are.
	Metadata []byte `json:"metadata,omitempty"` // Upload-Metadata
	Concat   []byte `json:"concat,omitempty"`   // Upload-Concat
	// Announced is what Repr-Digest said of the whole file.
	Announced digest.Sums `json:"announced,omitzero"`
	// Partial says that the upload is one to be a part of a final one.
	Partial bool `json:"partial,omitempty"`
	// Parts are the ids of the uploads that this one is made of, in order. It is
	// a final upload if there are any.
	Parts []string `json:"parts,omitempty"`
}

// final reports whether the upload is made of parts.
func (c *creation) final() bool { return len(c.Parts) > 0 }

func (c *creation) metaData() handler.MetaData {
	return handler.ParseMetadataHeader(string(c.Metadata))
}

// commit is every further line of a record: what the disk holds.
type commit struct {
	Offset int64     `json:"offset"`
	Length *int64    `json:"length,omitempty"` // nil while it is deferred
	CRC32C uint32    `json:"crc32c"`           // of the first Offset bytes
	At     time.Time `json:"at"`
	// Where SHA-256 was asked for: the state to go on from, as crypto/sha256
	// marshals it, and once whole the sum.
	SHA256State []byte `json:"sha256state,omitempty"`
	SHA256      []byte `json:"sha256,omitempty"`
	// Rejected says that all bytes are there and are not those that were announced.
	Rejected bool `json:"rejected,omitempty"`
	// Folded is how many of the parts of a final upload make up the first Offset
	// bytes. Its length is written with the last of them.
	Folded int `json:"folded,omitempty"`
	// Once complete: the path in files/, and when the file was last written to,
	// which together with its length tells it from others that get its name.
	Name     string    `json:"name,omitempty"`
	Modified time.Time `json:"modified,omitzero"`
}

// whole reports whether all bytes are there.
func (c *commit) whole() bool { return c.Length != nil && *c.Length == c.Offset }

// complete reports whether the file is there: all bytes, and the right ones.
func (c *commit) complete() bool { return c.whole() && !c.Rejected }

// rejects reports whether c has all bytes, and others than were announced.
func (c *creation) rejects(next commit) bool {
	return next.whole() && !c.Announced.Match(next.CRC32C, next.SHA256)
}

// record is what a record file says.
type record struct {
	creation
	commit
	end int64 // where the last whole line ends, and the next one goes over what is there
	// unfolded is how far a final upload was that was not folded and published
	// when its record was read.
	unfolded *status
}

// appendLine appends v to b as a line of a record.
func appendLine(b []byte, v any) []byte {
	payload, err := json.Marshal(v)
	if err != nil {
		// Only strings, numbers and times in range go into a line.
		panic(fmt.Sprintf("filestore: encoding a record line: %v", err))
	}
	return fmt.Appendf(b, "%08x %s\n", crc32.Checksum(payload, castagnoli), payload)
}

// parseLine parses a line without its newline into v and reports whether the
// line is whole.
func parseLine(line []byte, v any) bool {
	const head = len("01234567 ")
	if len(line) < head || line[head-1] != ' ' {
		return false
	}
	var sum [4]byte
	if _, err := hex.Decode(sum[:], line[:head-1]); err != nil {
		return false
	}
	payload := line[head:]
	want := uint32(sum[0])<<24 | uint32(sum[1])<<16 | uint32(sum[2])<<8 | uint32(sum[3])
	return crc32.Checksum(payload, castagnoli) == want && json.Unmarshal(payload, v) == nil
}

// readRecord reads a record of size bytes. It returns [errNoRecord] or [errDamaged]
// when no whole creation and commit are in it, and other errors when it cannot be
// read, is of another version, or holds a digest that cannot go on.
func readRecord(r io.ReaderAt, size int64) (*record, error) {
	return readRecordBy(readCreation, r, size)
}

// readRecordBy is readRecord with another function than [readCreation].
func readRecordBy(readCreation func(io.ReaderAt, int64, *creation) (int64, error), r io.ReaderAt, size int64) (*record, error) {
	rec := new(record)
	start, err := readCreation(r, size, &rec.creation)
	if errors.Is(err, errNoRecord) {
		err = withoutCreation(r, size)
	}
	if err != nil {
		return nil, err
	}
	return rec, rec.readCommits(r, start, size)
}

// withoutCreation says what a record is that has no whole creation.
func withoutCreation(r io.ReaderAt, size int64) error {
	var rec record
	_, err := rec.readLastCommit(r, 0, size, true)
	switch {
	case err != nil:
		return err
	case rec.Offset > 0:
		return errDamaged
	}
	return errNoRecord
}

// readCommits reads the last of the commits in r[start:size].
func (rec *record) readCommits(r io.ReaderAt, start, size int64) error {
	tail := max(start, size-tailWindow)
	found, err := rec.readLastCommit(r, tail, size, tail > start)
	if err == nil && !found && tail > start {
		found, err = rec.readLastCommit(r, start, size, false)
	}
	if err == nil && !found {
		err = errNoRecord
	}
	if err == nil {
		_, err = rec.digests()
	}
	return err
}

// readCreation reads the first line into c and returns where the next begins.
func readCreation(r io.ReaderAt, size int64, c *creation) (int64, error) {
	var line []byte
	for chunk := int64(4 << 10); ; chunk *= 4 {
		line = make([]byte, min(chunk, size))
		if _, err := r.ReadAt(line, 0); err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
			break
		}
		if chunk >= size {
			return 0, errNoRecord
		}
	}
	if !parseLine(line, c) {
		return 0, errNoRecord
	}
	if c.Version != recordVersion {
		return 0, fmt.Errorf("record is of version %d, this program reads version %d", c.Version, recordVersion)
	}
	return int64(len(line)) + 1, nil
}

// readLastCommit finds the last whole commit in r[from:to]. partial says that
// from may be in the middle of a line.
func (rec *record) readLastCommit(r io.ReaderAt, from, to int64, partial bool) (found bool, err error) {
	text := make([]byte, to-from)
	if _, err := r.ReadAt(text, from); err != nil && err != io.EOF {
		return false, err
	}
	pos := 0
	for {
		i := bytes.IndexByte(text[pos:], '\n')
		if i < 0 {
			return found, nil
		}
		var c commit
		if !(partial && pos == 0) && parseLine(text[pos:pos+i], &c) && c.valid() {
			rec.commit, rec.end, found = c, from+int64(pos+i+1), true
		}
		pos += i + 1
	}
}

// valid reports whether c says something that this package would write.
func (c *commit) valid() bool {
	return c.Offset >= 0 && (c.Length == nil || *c.Length >= c.Offset) && c.Folded >= 0
}
