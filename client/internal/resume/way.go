package resume

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

const (
	// limitAge is for how long a limit is believed: whoever runs a proxy may have
	// raised it meanwhile.
	limitAge = 7 * 24 * time.Hour
	// lossAge is for how long a way counts as one on which packets get lost: a
	// machine may be on another network tomorrow.
	lossAge = 24 * time.Hour
)

// Way is what earlier requests told about the way to an endpoint. Times are UTC.
type Way struct {
	Most     int64     `json:"bytes,omitempty"`   // that one request may carry; 0 if nothing is known
	Learned  time.Time `json:"learned,omitzero"`  // when Most was
	LossSeen time.Time `json:"lossSeen,omitzero"` // when packets or connections last got lost; zero for never
}

// Limit is Most as long as that is believed, else 0.
func (w Way) Limit(now time.Time) int64 {
	if now.Sub(w.Learned) > limitAge {
		return 0
	}
	return max(0, w.Most)
}

// Lossy reports whether what is sent there is likely to get lost.
func (w Way) Lossy(now time.Time) bool { return now.Sub(w.LossSeen) <= lossAge }

// wayFile is the content of a Way's file.
type wayFile struct {
	Version  int    `json:"version"`
	Endpoint string `json:"endpoint"`
	Way
}

func wayPath(dir, endpoint string) string {
	key := sha256.Sum256([]byte(endpoint))
	return filepath.Join(dir, hex.EncodeToString(key[:16])+".way")
}

// SaveWay remembers in dir what is known of the way to endpoint. Of several
// processes the last one wins.
func SaveWay(dir, endpoint string, w Way) error {
	data, err := json.Marshal(wayFile{Version, endpoint, w})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, "*.way.new")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(data, '\n'))
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), wayPath(dir, endpoint))
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
	return err
}

// LoadWay returns what SaveWay remembered. A file that cannot be read is as good as
// none.
func LoadWay(dir, endpoint string) Way {
	data, err := os.ReadFile(wayPath(dir, endpoint))
	if err != nil {
		return Way{}
	}
	var f wayFile
	if err := json.Unmarshal(data, &f); err != nil || f.Version != Version {
		return Way{}
	}
	return f.Way
}
