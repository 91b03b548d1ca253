package filestore

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

// populate makes n unfinished uploads in dir, as a server would leave them, and
// returns their ids. Their data files are links to a few, which is quicker.
func populate(b *testing.B, dir string, n int) (ids []string) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, datadir.Uploads), 0o700))
	for range n {
		ids = append(ids, newID())
	}
	for group := range slices.Chunk(ids, 30_000) { // ext4 takes 65,000 links
		first := filepath.Join(dir, dataPath(group[0]))
		must(os.WriteFile(first, []byte("hello"), 0o600))
		for _, id := range group[1:] {
			must(os.Link(first, filepath.Join(dir, dataPath(id))))
		}
	}
	for _, id := range ids {
		text := appendLine(nil, creation{Version: recordVersion, ID: id, Created: epoch, Metadata: []byte("filename bmFtZS5iaW4=")})
		text = appendLine(text, commit{Length: lengthOf(10), At: epoch})
		text = appendLine(text, commit{Length: lengthOf(10), Offset: 5, CRC32C: 0x9a71bb4c, At: epoch})
		must(os.WriteFile(filepath.Join(dir, recordPath(id)), text, 0o600))
	}
	return ids
}

// How long opening the store takes, and asking for one upload, by the number of
// unfinished uploads.
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
			ask := func(i int) {
				if _, err := s.GetUpload(b.Context(), ids[i%10]); err != nil {
					b.Fatal(err)
				}
			}
			for i := range 10 {
				ask(i) // syncs the record
			}
			for i := 0; b.Loop(); i++ {
				ask(i)
			}
		})
	}
}

// BenchmarkConcatAfterRestart puts parts together that another process received,
// and whose records have to be synced first.
func BenchmarkConcatAfterRestart(b *testing.B) {
	const parts = 2000
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		must := func(err error) {
			b.Helper()
			if err != nil {
				b.Fatal(err)
			}
		}
		open := func() (*Store, *datadir.Dir) {
			d, err := datadir.Open(dir)
			must(err)
			s, err := New(d, Config{})
			must(err)
			return s, d
		}
		unsynced, d := open()
		unsynced.root = unsynced.root.Unsynced()
		var ids []string
		for range parts {
			u, err := unsynced.NewUpload(b.Context(), handler.FileInfo{IsPartial: true})
			must(err)
			ids = append(ids, u.(*upload).rec.ID)
		}
		must(d.Close())
		s, d := open()
		b.StartTimer()
		_, err := concatOf(s, ids...)
		must(err)
		b.StopTimer()
		must(d.Close())
		b.StartTimer()
	}
}
