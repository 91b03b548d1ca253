package resume

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// limitAge is for how long a limit is believed: whoever runs a proxy may have
// raised it meanwhile.
const limitAge = 7 * 24 * time.Hour

// limit is how much one request to an endpoint may carry.
type limit struct {
	Version  int       `json:"version"`
	Endpoint string    `json:"endpoint"`
	Bytes    int64     `json:"bytes"`
	Learned  time.Time `json:"learned"` // UTC
}

func limitPath(dir, endpoint string) string {
	key := sha256.Sum256([]byte(endpoint))
	return filepath.Join(dir, hex.EncodeToString(key[:16])+".limit")
}

// SaveLimit remembers in dir that one request to endpoint may carry n bytes. Of
// several processes the last one wins.
func SaveLimit(dir, endpoint string, n int64) error {
	data, err := json.Marshal(limit{Version, endpoint, n, time.Now().UTC()})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, "*.limit.new")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(data, '\n'))
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), limitPath(dir, endpoint))
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
	return err
}

// LoadLimit returns what SaveLimit remembered in the last seven days, or 0. A
// file that cannot be read is as good as none.
func LoadLimit(dir, endpoint string) int64 {
	data, err := os.ReadFile(limitPath(dir, endpoint))
	if err != nil {
		return 0
	}
	var l limit
	if err := json.Unmarshal(data, &l); err != nil || l.Version != Version || time.Since(l.Learned) > limitAge {
		return 0
	}
	return max(0, l.Bytes)
}
