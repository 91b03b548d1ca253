package trail

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// encoded is a trail in JSON: the end in plain numbers, the steps as one string
// of big-endian four-byte sums, since there may be many thousands of them.
type encoded struct {
	Offset int64  `json:"offset"`
	Sum    uint32 `json:"crc32c"`
	Steps  string `json:"steps,omitempty"`
	Mark   *mark  `json:"mark,omitempty"`
}

type mark struct {
	Offset int64  `json:"offset"`
	Sum    uint32 `json:"crc32c"`
}

// MarshalJSON implements json.Marshaler.
func (t *Trail) MarshalJSON() ([]byte, error) {
	raw := make([]byte, 0, 4*len(t.steps))
	for _, sum := range t.steps {
		raw = binary.BigEndian.AppendUint32(raw, sum)
	}
	e := encoded{Offset: t.offset, Sum: t.sum, Steps: base64.StdEncoding.EncodeToString(raw)}
	if t.mark.offset > 0 {
		e.Mark = &mark{t.mark.offset, t.mark.sum}
	}
	return json.Marshal(e)
}

// UnmarshalJSON implements json.Unmarshaler. It refuses a trail whose parts do
// not fit together.
func (t *Trail) UnmarshalJSON(data []byte) error {
	var e encoded
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(e.Steps)
	if err != nil {
		return fmt.Errorf("trail steps: %w", err)
	}
	if e.Offset < 0 || int64(len(raw)) != e.Offset/Step*4 {
		return errors.New("trail steps do not fit the trail's offset")
	}
	read := Trail{offset: e.Offset, sum: e.Sum}
	for ; len(raw) > 0; raw = raw[4:] {
		read.steps = append(read.steps, binary.BigEndian.Uint32(raw))
	}
	if end, _ := read.stepAtEnd(); end != read.sum {
		return errors.New("trail sum contradicts its last step")
	}
	if e.Mark != nil {
		if e.Mark.Offset < 0 || e.Mark.Offset > e.Offset {
			return errors.New("trail mark is outside of the trail")
		}
		read.mark = point{e.Mark.Offset, e.Mark.Sum}
	}
	*t = read
	return nil
}

// stepAtEnd returns the sum that the steps tell for the end of the trail, or the
// trail's own sum where they tell none.
func (t *Trail) stepAtEnd() (sum uint32, told bool) {
	switch {
	case t.offset == 0:
		return 0, true
	case t.offset%Step == 0:
		return t.steps[len(t.steps)-1], true
	}
	return t.sum, false
}
