package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	tus "github.com/eventials/go-tus"
	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const (
	// askAtOnce is how many uploads are asked about at a time.
	askAtOnce = 16
	// askTimeout is how long an answer may take.
	askTimeout = 10 * time.Second
)

// sent is an upload made from here, and how it stands.
type sent struct {
	client.Record
	offset, length int64  // as the server tells; length is negative while it is open
	state          string // one of the states; empty before the server was asked
	why            string // of stateUnknown
}

// The states of an upload.
const (
	stateFinished   = "finished"
	stateOpen       = "open"       // for more
	stateUnfinished = "unfinished" // a push was broken off
	stateGone       = "gone"       // expired or removed
	stateUnknown    = "unknown"    // the server does not say
)

// survey asks servers for the state of what was sent from here. A token is sent
// to one server only: that which the command names.
type survey struct {
	named  *url.URL // whose uploads are wanted, and who gets the token; nil for all
	access access
	call   call

	mu      sync.Mutex // guards the following
	clients map[string]*client.Client
	down    map[string]string // why a server is not to be reached
}

// newSurvey is for the server that words name, if any.
func newSurvey(address string, access access, call call) (*survey, error) {
	s := &survey{access: access, call: call, clients: map[string]*client.Client{}, down: map[string]string{}}
	if address == "" {
		if access.secret() {
			return nil, &usageError{"a token, header or certificate, and no URL that it is for", "name the server: its URL comes last"}
		}
		return s, nil
	}
	c, u, err := connect(address, client.Config{}, access, call.getenv)
	if err != nil {
		return nil, err
	}
	c.Close()
	s.named = u
	return s, nil
}

// surveys makes cmd ask for what pick selects, of the server that its one argument
// names or of all, and hand it to show. aboutJSON describes its --json.
func surveys(cmd *cobra.Command, call call, aboutJSON string, pick func(client.Record) bool, show func(all []sent, asJSON bool)) {
	var access access
	var asJSON bool
	cmd.DisableFlagsInUseLine = true
	cmd.Flags().SortFlags = false
	access.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, aboutJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return &usageError{fmt.Sprintf("%d arguments", len(args)), "one at most, the URL of a server"}
		}
		s, err := newSurvey(strings.Join(args, ""), access, call)
		if err != nil {
			return err
		}
		defer s.close()
		all, err := s.all(cmd.Context(), pick)
		if err == nil {
			show(all, asJSON)
		}
		return err
	}
}

func (s *survey) close() {
	for _, c := range s.clients {
		c.Close()
	}
}

// wants reports whether the record is of the named server.
func (s *survey) wants(r client.Record) bool {
	if s.named == nil {
		return true
	}
	u := *s.named
	u.User = nil
	return strings.TrimSuffix(r.Endpoint, "/") == strings.TrimSuffix(u.String(), "/")
}

// address is the endpoint of a record, with the credentials of the command if
// they are for it.
func (s *survey) address(r client.Record) (string, access) {
	if s.named != nil {
		return s.named.String(), s.access
	}
	return r.Endpoint, s.access.toOthers()
}

// all asks for those records that select picks, the oldest first.
func (s *survey) all(ctx context.Context, pick func(client.Record) bool) ([]sent, error) {
	records, err := client.Records("")
	if err != nil {
		return nil, (&explainer{}).explain(err, "", client.Result{})
	}
	var found []sent
	for _, r := range records {
		if s.wants(r) && pick(r) {
			found = append(found, sent{Record: r})
		}
	}
	var wait sync.WaitGroup
	turns := make(chan bool, askAtOnce)
	for i := range found {
		turns <- true
		wait.Go(func() {
			s.ask(ctx, &found[i])
			<-turns
		})
	}
	wait.Wait()
	return found, ctx.Err()
}

// ask finds out how one upload stands.
func (s *survey) ask(ctx context.Context, one *sent) {
	one.state, one.offset, one.length = stateUnknown, one.Offset, one.Size
	c, err := s.client(one.Record)
	if err != nil {
		one.why = err.Error()
		return
	}
	if one.why = s.downOf(one.Endpoint); one.why != "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	status, err := statusOf(ctx, c, one.Record)
	var network *url.Error
	switch {
	case errors.Is(err, tus.ErrUploadNotFound):
		one.state = stateGone
	case errors.As(err, &network):
		one.why = "cannot be reached: " + short(err)
		s.mu.Lock()
		s.down[one.Endpoint] = one.why
		s.mu.Unlock()
	case err != nil:
		one.why = short(err)
	default:
		one.offset, one.length, one.state = status.Offset, status.Length, stateOf(status)
	}
}

// statusOf asks for the upload of r, or for all of its parts.
func statusOf(ctx context.Context, c *client.Client, r client.Record) (client.Status, error) {
	if len(r.Parts) == 0 {
		return c.Status(ctx, r.URL)
	}
	whole := client.Status{Length: r.Size}
	for _, part := range r.Parts {
		status, err := c.Status(ctx, part)
		if err != nil {
			return whole, err
		}
		whole.Offset += status.Offset
	}
	whole.Offset = min(whole.Offset, whole.Length-1) // until they are joined it is not finished
	return whole, nil
}

func stateOf(status client.Status) string {
	switch {
	case status.Length < 0:
		return stateOpen
	case status.Offset < status.Length:
		return stateUnfinished
	}
	return stateFinished
}

func (s *survey) downOf(endpoint string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down[endpoint]
}

func (s *survey) client(r client.Record) (*client.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[r.Endpoint]; c != nil {
		return c, nil
	}
	address, access := s.address(r)
	c, _, err := connect(address, client.Config{}, access, s.call.getenv)
	if err == nil {
		s.clients[r.Endpoint] = c
	}
	return c, err
}
