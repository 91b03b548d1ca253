package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const listHelp = `Ls lists what was pushed from here by you, and asks each server how it stands.
What others have pushed it does not know. With a URL it lists what went to that
server; only then is a token sent, and to no other server.

A line has the state, the size, when the upload began, its URL and the file:

  finished    the server has all of it
  unfinished  a push was broken off; longhaul resume goes on
  open        it was left open for more
  gone        it expired or was removed
  unknown     the server does not say; standard error has the reason

With --json each upload is one line with the keys state, path (or pathBase64 where
it is not UTF-8, or name where the source was no file), url (or parts, as long as
they are not joined), offset, size, created, and error where the state is unknown.`

func newList(u *ui, call call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls [flags] [URL]",
		Short: "List what was pushed from here",
		Long:  listHelp,
	}
	surveys(cmd, call, "print JSON, see above", func(client.Record) bool { return true }, u.list)
	return cmd
}

// list prints one line per upload, the oldest first.
func (u *ui) list(all []sent, asJSON bool) {
	for _, s := range all {
		if asJSON {
			u.out("%s", jsonRecord(s))
			continue
		}
		name := s.Path
		if name == "" {
			name = s.Name
		}
		u.out("%-10s  %8s  %s  %s  %s", s.state, amount(max(s.length, s.offset)), s.Created.Local().Format(time.DateTime), s.address(), clean(name))
		u.unknown(s)
	}
}

// address is where the upload is, or will be once its parts are joined.
func (s sent) address() string {
	if s.URL == "" {
		return s.Endpoint
	}
	return s.URL
}

// unknown tells why a server does not say how an upload stands.
func (u *ui) unknown(s sent) {
	if s.state == stateUnknown {
		u.say("%s: %s", s.address(), clean(s.why))
	}
}

func jsonRecord(s sent) string {
	line, err := json.Marshal(struct {
		State string `json:"state"`
		jsonPath
		Name    string    `json:"name,omitempty"`
		URL     string    `json:"url,omitempty"`
		Parts   []string  `json:"parts,omitempty"`
		Offset  int64     `json:"offset"`
		Size    *int64    `json:"size,omitempty"` // of the whole, once that is known
		Created time.Time `json:"created"`
		Error   string    `json:"error,omitempty"`
	}{s.state, pathOf(s.Path), s.Name, s.URL, s.Parts, s.offset, known(s.length), s.Created, s.why})
	if err != nil {
		return fmt.Sprintf("{\"error\":%q}", err)
	}
	return string(line)
}

// known is nil for a size that is not.
func known(size int64) *int64 {
	if size < 0 {
		return nil
	}
	return &size
}
