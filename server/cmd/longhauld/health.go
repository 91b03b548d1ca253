package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/server/internal/health"
)

func newHealthCommand(stdout io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the running server whether it is well",
		Long: `health asks the server that listens on the address of the settings whether it
is well. It prints ok and exits with 0 if so, else with 1.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			if err := health.Ask(cmd.Context(), set.scheme(), set.listen); err != nil {
				return hint("--listen must be the address that the server was given", "no healthy server on %s: %w", set.listen, err)
			}
			_, err = fmt.Fprintln(stdout, "ok")
			return err
		},
	}
}
