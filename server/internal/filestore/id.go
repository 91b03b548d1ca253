package filestore

import (
	"crypto/rand"
	"path"
	"strings"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// idLength is the length of an id: 26 base32 digits, 130 random bits, so that
// nobody finds an upload whose URL he was not given.
const idLength = 26

func newID() string { return strings.ToLower(rand.Text()) }

// validID reports whether id is one that newID could have made. Nothing else
// becomes part of a path.
func validID(id string) bool {
	if len(id) != idLength {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

const (
	recordSuffix  = ".log"
	dataSuffix    = ".data"
	removedSuffix = ".removed"
)

func recordPath(id string) string { return path.Join(datadir.Uploads, id+recordSuffix) }
func dataPath(id string) string   { return path.Join(datadir.Uploads, id+dataSuffix) }

// removedPath is another name of the data of an upload that is being removed.
func removedPath(id string) string { return path.Join(datadir.Uploads, id+removedSuffix) }
