package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/server"
)

func newSweepCommand(stdout, stderr io.Writer) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Remove expired uploads while no server runs",
		Long: `sweep removes the unfinished uploads in --data whose --expire-after is over. A
server that runs does so by itself, so sweep is for when none does. Finished files
are never touched, and neither is what was quarantined.`,
		Example: `  longhauld sweep --dry-run
  longhauld sweep --data /srv/longhaul --expire-after 24h`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := loadSettings(cmd.InheritedFlags())
			if err != nil {
				return err
			}
			set.server.Log = newLogger(set, stderr)
			if dryRun {
				return listOverdue(set, stdout)
			}
			return sweep(cmd.Context(), set, stdout)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "list them and remove nothing")
	return cmd
}

func sweep(ctx context.Context, set settings, stdout io.Writer) error {
	removed, freed, err := server.Sweep(ctx, set.server)
	if err != nil && removed == 0 {
		return sweepError(err, set)
	}
	fmt.Fprintf(stdout, "removed %s, %s\n", uploads(removed), humanize.IBytes(uint64(freed)))
	if err == nil && ctx.Err() != nil {
		return hint("run it again to go on", "interrupted")
	}
	return sweepError(err, set)
}

func listOverdue(set settings, stdout io.Writer) error {
	list, err := server.Overdue(set.server)
	if err != nil {
		return sweepError(err, set)
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	var held int64
	for _, o := range list {
		held += o.Held
		fmt.Fprintf(table, "%s\t%s\texpired %s\n", o.ID, humanize.IBytes(uint64(o.Held)), o.Expired.UTC().Format(time.RFC3339))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "would remove %s, %s\n", uploads(len(list)), humanize.IBytes(uint64(held)))
	return nil
}

func uploads(n int) string {
	if n == 1 {
		return "1 expired upload"
	}
	return fmt.Sprintf("%d expired uploads", n)
}
