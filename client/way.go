package client

import (
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// learned is what requests to the endpoint told about the way there. It is kept
// for later processes.
type learned struct {
	mu     sync.Mutex
	loaded bool
	way    resume.Way
}

// wayThere is what is known of the way to the endpoint.
func (c *Client) wayThere() resume.Way {
	c.learned.mu.Lock()
	defer c.learned.mu.Unlock()
	return *c.loadWay()
}

// loadWay is called with learned.mu held.
func (c *Client) loadWay() *resume.Way {
	l := &c.learned
	if !l.loaded && c.keepsFiles() {
		l.way = resume.LoadWay(c.config.StateDir, c.name())
	}
	l.loaded = true
	return &l.way
}

// learn has add change what is known, if it reports that there is something new.
// What cannot be kept is learned again.
func (c *Client) learn(add func(way *resume.Way, now time.Time) (news bool)) {
	c.learned.mu.Lock()
	defer c.learned.mu.Unlock()
	way := c.loadWay()
	if add(way, time.Now().UTC()) && c.keepsFiles() {
		_ = resume.SaveWay(c.config.StateDir, c.name(), *way)
	}
}

// keepsFiles reports whether anything is kept in Config.StateDir.
func (c *Client) keepsFiles() bool { return !c.config.NoRecords && c.config.Store == nil }
