package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client/internal/doctor"
)

const doctorHelp = `Doctor walks the way to the tus server at URL as uploads do, through whatever
proxies stand between, and says what would hurt them: requests that are held back,
a limit of their size (and which), a Location that leads elsewhere, missing CORS
headers, HTTP/2 that is throttled, downloads without ranges, a clock that is wrong.
Below what hurts stand the lines to change.

It sends 5 MiB, over HTTP/2 some 20 more, and deletes what it made.

With --json each finding is one line with the keys level (ok, note or bad), text
and cures, each with where and line.

Exit codes: 0 nothing hurts, 1 something does, 2 wrong usage, 130 interrupted.`

func newDoctor(u *ui, call call) *cobra.Command {
	var access access
	var origin string
	var asJSON bool
	cmd := &cobra.Command{
		Use:                   "doctor [flags] URL",
		Short:                 "Find out what on the way to a server would hurt uploads",
		Long:                  doctorHelp,
		Example:               "  longhaul doctor --origin https://app.example https://example.org/files/",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"doctor needs one URL", "it is that of a tus server, e.g. http://127.0.0.1:8080/files/"}
			}
			endpoint, err := parseURL(args[0], nil)
			if err != nil {
				return err
			}
			patient := doctor.Patient{Endpoint: endpoint, Origin: origin}
			if patient.Header, err = access.header(endpoint); err != nil {
				return err
			}
			if patient.TLS, err = access.trust.config(); err != nil {
				return err
			}
			if patient.Token, err = access.source(endpoint, call.getenv); err != nil {
				return err
			}
			hurts := false
			err = doctor.Examine(cmd.Context(), patient, func(f doctor.Finding) {
				hurts = hurts || f.Level == doctor.Bad
				u.finding(f, asJSON)
			})
			if err == nil && hurts {
				return exitError(exitFailed)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&origin, "origin", "", "pages of this `URL` shall upload, e.g. https://app.example")
	access.flags(f)
	f.BoolVar(&asJSON, "json", false, "print JSON, see above")
	return cmd
}

var levels = map[doctor.Level]string{doctor.Good: "ok", doctor.Note: "note", doctor.Bad: "bad"}

// finding prints what the doctor found, e.g.
//
//	bad   requests may have at most 1.0 MiB: larger ones cost uploads a detour
//	      nginx: client_max_body_size 0;
func (u *ui) finding(f doctor.Finding, asJSON bool) {
	if asJSON {
		u.out("%s", jsonFinding(f))
		return
	}
	u.out("%-4s  %s", levels[f.Level], clean(f.Text))
	for _, c := range f.Cures {
		u.out("      %s: %s", c.Where, clean(c.Line))
	}
}

func jsonFinding(f doctor.Finding) string {
	type cure struct {
		Where string `json:"where"`
		Line  string `json:"line"`
	}
	cures := make([]cure, len(f.Cures))
	for i, c := range f.Cures {
		cures[i] = cure(c)
	}
	line, err := json.Marshal(struct {
		Level string `json:"level"`
		Text  string `json:"text"`
		Cures []cure `json:"cures"`
	}{levels[f.Level], f.Text, cures})
	if err != nil {
		return fmt.Sprintf("{\"text\":%q}", err)
	}
	return string(line)
}
