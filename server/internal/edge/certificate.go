package edge

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate and its key in PEM files, which is read again when
// they have changed, so that a renewed one needs no restart. It is safe for
// concurrent use.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	state   [2]fileState // of the files when current was read, or last failed to be
	looked  time.Time
}

// lookEvery is how long a change of the files may go unnoticed.
const lookEvery = time.Second

type fileState struct {
	modified time.Time
	size     int64
}

// LoadCertificate reads the certificate. Its errors say what is wrong with the
// files.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log, looked: time.Now()}
	c.state = c.stat()
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	c.current = &pair
	return c, err
}

// Get implements the GetCertificate of a tls.Config. Files that have become
// unreadable, for example because one of the two has not been replaced yet, leave
// the certificate as it is.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.current, nil
	}
	c.looked = time.Now()
	if state := c.stat(); state != c.state {
		c.state = state
		pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
		if err != nil {
			c.log.Error("the changed certificate cannot be used; the one before goes on", slog.Any("err", err))
			return c.current, nil
		}
		c.current = &pair
		c.log.Info("certificate read again", slog.String("file", c.certFile))
	}
	return c.current, nil
}

func (c *Certificate) stat() (state [2]fileState) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			state[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return state
}
