package filestore

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// populate makes n unfinished uploads in dir, as a server would leave them, and
// returns their ids.
func populate(tb testing.TB, dir string, n int) (ids []string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Join(dir, datadir.Uploads), 0o700); err != nil {
		tb.Fatal(err)
	}
	for range n {
		id := newID()
		text := appendLine(nil, creation{Version: recordVersion, ID: id, Created: epoch, Metadata: []byte("filename bmFtZS5iaW4=")})
		text = appendLine(text, commit{Length: lengthOf(10), At: epoch})
		text = appendLine(text, commit{Length: lengthOf(10), Offset: 5, CRC32C: 0x9a71bb4c, At: epoch})
		err := os.WriteFile(filepath.Join(dir, recordPath(id)), text, 0o600)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, dataPath(id)), []byte("hello"), 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// How long opening the store takes, and asking for one upload, by the number of
// unfinished uploads. Making 100,000 of them takes a minute.
//
//	go test -run ^$ -bench Many -benchtime 5x ./server/internal/filestore
func BenchmarkMany(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		path := b.TempDir()
		ids := populate(b, path, n)
		b.Run(fmt.Sprintf("New/%d", n), func(b *testing.B) {
			for b.Loop() {
				_, stop := openStore(b, path, Config{})
				stop()
			}
		})
		b.Run(fmt.Sprintf("GetUpload/%d", n), func(b *testing.B) {
			s, stop := openStore(b, path, Config{})
			defer stop()
			for i := 0; b.Loop(); i++ {
				if _, err := s.GetUpload(b.Context(), ids[i%len(ids)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
