package trail_test

import (
	"encoding/json"
	"hash/crc32"
	"math/rand/v2"
	"testing"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// zeros feeds n zero bytes into a trail, in pieces that do not divide a step.
func zeros(t *trail.Trail, n int64) *trail.Trail {
	piece := make([]byte, 1<<20+7)
	for n > 0 {
		k := min(n, int64(len(piece)))
		t.Write(piece[:k])
		n -= k
	}
	return t
}

func sumOf(n int64) uint32 {
	return crc32.Checksum(make([]byte, n), crc32.MakeTable(crc32.Castagnoli))
}

func TestKnowsItsPrefixes(t *testing.T) {
	tr := zeros(new(trail.Trail), 2*trail.Step+5)
	for _, offset := range []int64{0, trail.Step, 2 * trail.Step, 2*trail.Step + 5} {
		if got, known := tr.At(offset); !known || got != sumOf(offset) {
			t.Errorf("sum at %d is %08x, %t; want %08x", offset, got, known, sumOf(offset))
		}
	}
	for _, offset := range []int64{-1, 1, trail.Step + 1, 3 * trail.Step} {
		if _, known := tr.At(offset); known {
			t.Errorf("sum at %d is known", offset)
		}
	}
}

func TestRewindThenWriteIsAsIfNeverAhead(t *testing.T) {
	for _, tc := range []struct{ limit, want int64 }{
		{-1, 0}, {0, 0}, {trail.Step - 1, 0}, {trail.Step, trail.Step},
		{2*trail.Step - 1, trail.Step}, {2*trail.Step + 5, 2*trail.Step + 5}, {9 * trail.Step, 2*trail.Step + 5},
	} {
		tr := zeros(new(trail.Trail), 2*trail.Step+5)
		if got := tr.Rewind(tc.limit); got != tc.want {
			t.Fatalf("rewound to %d, want %d", got, tc.want)
		}
		zeros(tr, 2*trail.Step+9-tr.Offset())
		if tr.Sum() != sumOf(2*trail.Step+9) {
			t.Errorf("sum after rewinding to %d and writing again is %08x", tc.want, tr.Sum())
		}
	}
}

func TestMarkIsKnownUntilRewoundPast(t *testing.T) {
	tr := zeros(new(trail.Trail), trail.Step+5)
	tr.Mark()
	zeros(tr, 10)
	data, err := json.Marshal(tr)
	if err != nil {
		t.Fatal(err)
	}
	back := new(trail.Trail)
	if err := json.Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	for _, tr := range []*trail.Trail{tr, tr.Clone(), back} {
		if got := tr.Known(trail.Step + 9); got != trail.Step+5 {
			t.Errorf("known up to %d", got)
		}
		if sum, known := tr.At(trail.Step + 5); !known || sum != sumOf(trail.Step+5) {
			t.Errorf("sum at the mark is %08x, %t", sum, known)
		}
		if got := tr.Rewind(trail.Step + 4); got != trail.Step {
			t.Errorf("rewound to %d", got)
		}
		zeros(tr, 20)
		if _, known := tr.At(trail.Step + 5); known {
			t.Error("the mark outlived a rewind past it")
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	for _, n := range []int64{0, 1, trail.Step - 1, trail.Step, trail.Step + 1} {
		tr := zeros(new(trail.Trail), n)
		data, err := json.Marshal(tr)
		if err != nil {
			t.Fatal(err)
		}
		var back trail.Trail
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if back.String() != tr.String() {
			t.Errorf("%s became %s", tr, &back)
		}
	}
}

func TestRefusesWhatDoesNotFit(t *testing.T) {
	for _, data := range []string{
		`{"offset":-1}`, `{"offset":67108864}`, `{"offset":1,"steps":"AAAAAA=="}`,
		`{"offset":67108864,"crc32c":1,"steps":"AAAAAA=="}`, `{"offset":0,"crc32c":7}`, `{"offset":0,"steps":"!"}`, `[]`,
		`{"offset":5,"mark":{"offset":6}}`, `{"offset":5,"mark":{"offset":-1}}`,
	} {
		if err := json.Unmarshal([]byte(data), new(trail.Trail)); err == nil {
			t.Errorf("%s was accepted", data)
		}
	}
}

func TestParseDigest(t *testing.T) {
	for _, tc := range []struct {
		value string
		sum   uint32
		told  bool
		fails bool
	}{
		{value: trail.FormatDigest(0x8bd52dee), sum: 0x8bd52dee, told: true},
		{value: "sha-256=:AAAA:, crc32c=:AAAAAQ==:;q=1", sum: 1, told: true},
		{value: "crc32c=:AAAAAQ==:, crc32c=:AAAAAg==:", sum: 2, told: true},
		{value: ""},
		{value: "sha-256=:AAAA:"},
		{value: "crc32c", fails: true},
		{value: "crc32c=:", fails: true},
		{value: "crc32c=AAAAAQ==", fails: true},
		{value: "crc32c=:AAAA:", fails: true},
		{value: "crc32c=:!!!!:", fails: true},
	} {
		sum, told, err := trail.ParseDigest(tc.value)
		if sum != tc.sum || told != tc.told || (err != nil) != tc.fails {
			t.Errorf("%q: %08x, %t, %v", tc.value, sum, told, err)
		}
	}
}

func FuzzParseDigest(f *testing.F) {
	for _, seed := range []string{"crc32c=:AAAAAQ==:", "a=1, crc32c=:AAAAAQ==:;p", "crc32c=:::", ",,=,", "crc32c=:\n:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		sum, told, err := trail.ParseDigest(value)
		if err != nil && (told || sum != 0) {
			t.Fatalf("%q failed and still told %08x", value, sum)
		}
		if told {
			if again, _, err := trail.ParseDigest(trail.FormatDigest(sum)); err != nil || again != sum {
				t.Fatalf("%08x became %08x: %v", sum, again, err)
			}
		}
	})
}

func FuzzTrailJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"offset":5,"crc32c":7,"mark":{"offset":3,"crc32c":1}}`, `{"offset":67108865,"crc32c":1,"steps":"AAAAAA=="}`, `null`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var tr trail.Trail
		if json.Unmarshal(data, &tr) != nil {
			return
		}
		tr.Rewind(tr.Offset() - 1)
		tr.Write([]byte("x"))
		if _, err := json.Marshal(&tr); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCombine(t *testing.T) {
	data := make([]byte, 300_000)
	rand.NewChaCha8([32]byte{1}).Read(data)
	sum := func(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }
	for _, cut := range []int{0, 1, 7, 4096, 65_537, 299_999, 300_000} {
		got := trail.Combine(sum(data[:cut]), sum(data[cut:]), int64(len(data)-cut))
		if want := sum(data); got != want {
			t.Errorf("cut at %d: %08x, want %08x", cut, got, want)
		}
	}
}
