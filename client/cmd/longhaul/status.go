package main

import (
	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const statusHelp = `Status shows what you began to push from here and what is not finished: how much
of it its server has, and the command that goes on. With a URL it shows what went
to that server; only then is a token sent, and to no other server.`

func newStatus(u *ui, call call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [flags] [URL]",
		Short: "Show what is unfinished here, and how to go on",
		Long:  statusHelp,
	}
	surveys(cmd, call, `print JSON, see "longhaul help ls"`, func(r client.Record) bool { return !r.Finished }, u.status)
	return cmd
}

// resumption are the commands that go on with an upload.
func resumption(s sent) []string {
	words := quote([]string{s.Path, s.Endpoint})
	switch {
	case s.Path == "":
		return nil // its source was no file; only the program that sent it can go on
	case s.state == stateOpen:
		return []string{"longhaul push --append " + words, "longhaul push --finish " + words}
	}
	return []string{"longhaul push " + words}
}

// status tells of each upload how far it is and how to go on.
func (u *ui) status(all []sent, asJSON bool) {
	told := 0
	for _, s := range all {
		if s.state == stateFinished {
			continue
		}
		told++
		if asJSON {
			u.out("%s", jsonRecord(s))
			continue
		}
		name := clean(shortPath(s.Path))
		if s.Path == "" {
			name = clean(s.Name)
		}
		switch s.state {
		case stateGone:
			u.out("%s: gone from the server; a push sends it anew", name)
		case stateUnknown:
			u.out("%s: %s when it was last heard of; %s", name, of(s.Offset, s.Size), clean(s.why))
		case stateOpen:
			u.out("%s: %s, open for more", name, amount(s.offset))
		default:
			u.out("%s: %s", name, of(s.offset, s.length))
		}
		for _, command := range resumption(s) {
			u.out("  %s", command)
		}
	}
	if told == 0 && !asJSON {
		u.say("nothing is unfinished here")
	}
}
