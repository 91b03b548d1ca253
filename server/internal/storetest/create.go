package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

func (s Suite) create(t *testing.T, start starter) {
	for name, info := range map[string]handler.FileInfo{
		"empty":        {},
		"one byte":     {Size: 1},
		"over 32 bits": {Size: 1<<32 + 1},
		"no metadata":  {Size: 1, MetaData: handler.MetaData{}},
		"empty value":  {Size: 1, MetaData: handler.MetaData{"is_confidential": ""}},
		"unicode":      {Size: 1, MetaData: handler.MetaData{"filename": "Ärger mit 日本語 🚂.txt", "note": "\u2028 a\u0308"}},
		"specials":     {Size: 1, MetaData: handler.MetaData{"filename": "../../<a>&\"b\\\x00\n\r\t\x7f"}},
		"not text":     {Size: 1, MetaData: handler.MetaData{"latin1": "caf\xe9", "raw": "\xff\xfe\x00\x80"}},
		"long value":   {Size: 1, MetaData: handler.MetaData{"filename": strings.Repeat("langer Name ", 10_000)}},
		"many values":  {Size: 1, MetaData: manyValues(500)},
	} {
		t.Run(name, func(t *testing.T) { start(t).create(info) })
	}
	t.Run("ids are new", func(t *testing.T) {
		b, seen := start(t), make(map[string]bool)
		info := handler.FileInfo{Size: 1, MetaData: handler.MetaData{"filename": "same"}}
		for range 20 {
			if u := b.create(info); seen[u.id] {
				t.Fatalf("id %q was given twice", u.id)
			} else {
				seen[u.id] = true
			}
		}
	})
}

func manyValues(n int) handler.MetaData {
	m := make(handler.MetaData)
	for i := range n {
		m[fmt.Sprintf("key-%d", i)] = fmt.Sprintf("value %d", i)
	}
	return m
}

// ids checks that what the store did not make is not found, nor a reason for
// any other answer.
func (s Suite) ids(t *testing.T) {
	b := s.bench(t, newHandles)
	id := b.sized(5).id
	for _, odd := range []string{
		"", ".", "..", "/", "a", "../" + id, "./" + id, id + "/", id + "/.", "/" + id, id + "/../" + id,
		id[:len(id)-1], id + "a", id + " ", id + ".", id + "\x00", id + ".log", id + ".data", id + ".info",
		strings.Repeat("a", len(id)), strings.Repeat("a", 255), strings.Repeat("a", 256), strings.Repeat("a", 1<<16),
		strings.Repeat("../", 20) + "etc/passwd", `..\..\etc`, "%2e%2e%2f", "a\x00b", "a\nb", "ä", "\xff", "lock",
	} {
		b.gone(odd)
	}
}
