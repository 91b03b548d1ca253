// Package storetest checks that a store keeps the contract that tusd's handler
// and this server rely on. Any handler.DataStore can be put through it:
//
//	storetest.Suite{Open: func(t *testing.T) *handler.StoreComposer { … }}.Run(t)
//
// # What a store has to do
//
//   - What a creation said (length, metadata to the byte) is what the upload
//     says for as long as it lives, and every id is new.
//   - An id that the store did not make, however odd, is handler.ErrNotFound.
//   - WriteChunk returns how many bytes count from now on, also when it returns
//     an error. The offset is their sum. All that the source gave before it
//     ended, failed or was interrupted counts.
//   - A chunk that came with a checksum, see package checksum, counts as a whole
//     or not at all, and has it if it counts.
//   - A deferred length may be declared at any time, but not below the offset.
//   - A complete upload can be finished, and finishing it again changes nothing.
//     Then it reads back as the bytes that were sent.
//   - A terminated upload is handler.ErrNotFound. Terminating it again does no
//     harm, and other uploads do not notice.
//   - A final upload, once ConcatUploads has returned, is complete and reads back
//     as its parts in the order of their list. What it says of itself is its own,
//     not theirs. Its parts need not be there any more.
//   - Uploads do not notice one another, whatever they have in common.
//
// Extensions that the composer does not use are not checked.
//
// Each case runs in up to three ways, which must make no difference: all steps
// on one handler.Upload, as in a creation that brings its bytes along; each step
// on a new one, as in requests; and with the store reopened between any two
// steps, as after restarts.
package storetest

import (
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Suite says how to get at the store under test.
type Suite struct {
	// Open returns an empty store and what it is used with.
	Open func(t *testing.T) *handler.StoreComposer

	// Reopen ends the use of a store that Open or Reopen returned and opens the
	// same uploads again. nil means that they do not outlive the store.
	Reopen func(t *testing.T, old *handler.StoreComposer) *handler.StoreComposer

	// Buffer is the size in bytes of the pieces in which the store reads what it
	// is sent; chunks around its multiples are tried. 0 means 32 KiB.
	Buffer int
}

// Run runs the whole suite as subtests of t.
func (s Suite) Run(t *testing.T) {
	if s.Buffer == 0 {
		s.Buffer = 32 << 10
	}
	ways := []way{oneHandle, newHandles}
	if s.Reopen != nil {
		ways = append(ways, restarts)
	}
	for _, w := range ways {
		t.Run(w.String(), func(t *testing.T) {
			for _, group := range []struct {
				name string
				run  func(*testing.T, starter)
			}{
				{"create", s.create},
				{"write", s.write},
				{"sources", s.sources},
				{"checksums", s.checksums},
				{"length", s.length},
				{"finish", s.finish},
				{"terminate", s.terminate},
				{"concat", s.concat},
				{"neighbours", s.neighbours},
			} {
				t.Run(group.name, func(t *testing.T) {
					group.run(t, func(t *testing.T) *bench { return s.bench(t, w) })
				})
			}
		})
	}
	t.Run("ids", s.ids)
	t.Run("lock", s.lock)
}
