package client

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

// AutoParallel as Options.Parallel sends a large source in parts where packets get
// lost; see there.
const AutoParallel = -1

const (
	// autoParts is how many parts AutoParallel means: at 1 % loss that is some six
	// times as fast as one, and no burden to a server or a link.
	autoParts = 8
	// autoSmallest is how many bytes a source has at least that AutoParallel cares for.
	autoSmallest = 16 << 20
	// lossOneIn is of how many bytes one has to be sent again, or more, for a way
	// to count as one on which packets get lost. A link that is only full loses fewer.
	lossOneIn = 200
	// lossSample is how many bytes a request, and its connection, have to send to
	// tell anything.
	lossSample = 1 << 20
	// lossPackets is how many packets have to be sent again at least: TCP does so now
	// and then with what was only late.
	lossPackets = 8
	// lossBreaks is how many connections of an upload have to break or stall in the
	// middle of a request to tell the same, where the system counts no bytes. A
	// server that is started anew is one.
	lossBreaks = 3
	// lossAgain is when what is known already is learned once more.
	lossAgain = time.Hour
)

// wantedParts is in how many parts the source shall go, if parts are possible.
func (p *push) wantedParts() int64 {
	if p.options.Parallel != AutoParallel {
		return min(int64(p.options.Parallel), p.size/smallestPart)
	}
	if p.size < autoSmallest || !p.c.wayThere().Lossy(time.Now()) {
		return 1
	}
	return autoParts
}

// lose remembers that the way to the endpoint loses what is sent there.
func (c *Client) lose() {
	c.learn(func(way *resume.Way, now time.Time) bool {
		news := now.Sub(way.LossSeen) > lossAgain
		if news {
			way.LossSeen = now
		}
		return news
	})
}

// broke counts the connections that failed with cause in the middle of a request.
func (p *push) broke(cause error) {
	if statusOf(cause) != 0 || p.taken == 0 || errors.Is(cause, context.Canceled) {
		return
	}
	if p.breaks++; p.breaks == lossBreaks {
		p.c.lose()
	}
}

// traffic is what a connection has sent, in bytes: all of it, and what of that was
// sent again, in so many packets. It is zero where the system does not count.
type traffic struct {
	sent, again uint64
	packets     uint32
}

// lossy reports whether so much of it got lost that this tells something.
func (t traffic) lossy() bool {
	return t.sent >= lossSample && t.packets >= lossPackets && t.again*lossOneIn >= t.sent
}

// trafficOn is that of nc.
func trafficOn(nc net.Conn) traffic {
	if raw := rawConn(nc); raw != nil {
		return trafficOf(raw)
	}
	return traffic{}
}
