package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

const manHelp = `Man writes a manual page for each command into DIR, e.g.

  longhaul man ~/.local/share/man/man1`

func newMan(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:                   "man DIR",
		Short:                 "Write the manual pages",
		Long:                  manHelp,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"man needs a directory", "longhaul man DIR"}
			}
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return &failure{text: short(err), code: exitFailed, hint: "name a directory that you may write to"}
			}
			cmd.Root().DisableAutoGenTag = true // it would name the generator and the day
			header := &doc.GenManHeader{Section: "1", Source: "longhaul " + versionText(), Manual: "Longhaul"}
			if err := doc.GenManTree(cmd.Root(), header, args[0]); err != nil {
				return &failure{text: short(err), code: exitFailed, hint: "name a directory that you may write to"}
			}
			return nil
		},
	}
}
