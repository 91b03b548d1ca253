package storetest

import (
	"fmt"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// finish finishes uploads more than once, as clients do that lost an answer.
func (s Suite) finish(t *testing.T, start starter) {
	for _, size := range []int{0, 1, s.Buffer} {
		t.Run(fmt.Sprintf("twice, of %d bytes", size), func(t *testing.T) {
			u := start(t).create(handler.FileInfo{Size: int64(size), MetaData: handler.MetaData{"filename": "twice.bin"}})
			u.send(pattern(size))
			u.finish()
			u.finish()
		})
	}
	t.Run("under names of all sorts", func(t *testing.T) {
		b := start(t)
		for _, name := range []string{"", ".", "..", "../../up", "a/b", `a\b`, "nul\x00", "bad\xff", "CON", ".hidden", "\u202e", string(pattern(5000))} {
			u := b.create(handler.FileInfo{Size: 3, MetaData: handler.MetaData{"filename": name}})
			u.send([]byte("abc"))
			u.finish()
		}
	})
}
