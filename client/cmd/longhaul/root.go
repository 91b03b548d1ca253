package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is stamped by the linker: -ldflags "-X main.version=1.2.3".
var version string

const rootHelp = `Longhaul pushes files to a tus server, over links that break, and never sends a
byte twice:

  longhaul push film.mov http://127.0.0.1:8080/files/

Whatever happens (the connection breaks, the server restarts, you press Ctrl-C, the
machine dies), the same command goes on where the last one stopped. Before it does,
it proves that what the server has is the beginning of the file, and at the end
that the server has all of it.

What was pushed comes back with pull. What is not finished, and how to go on, says
status. Where uploads are slow or break for no reason, doctor looks for it.`

func newRoot(u *ui, call call) *cobra.Command {
	root := &cobra.Command{
		Use:           "longhaul",
		Short:         "Push files to a tus server; never send a byte twice",
		Long:          rootHelp,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args)
		},
	}
	root.SetVersionTemplate("longhaul {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveDefault)
	root.AddCommand(newPush(u, call), newPull(u, call), newRemove(u, call),
		newStatus(u, call), newResume(u, call), newList(u, call), newDoctor(u, call), newMan(u))
	return root
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// flagError adds the nearest flag to an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf("see %q", strings.TrimSpace("longhaul help "+nameBelowRoot(cmd)))
	if _, name, found := strings.Cut(err.Error(), "unknown flag: --"); found {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	}
	return &usageError{err.Error(), hint}
}

func nameBelowRoot(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return cmd.Name()
	}
	return ""
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	hint := "the commands are: " + strings.Join(names, ", ")
	if near := nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("did you mean \"longhaul %s\"?", near)
	} else if len(args) > 1 {
		hint = "to push a file: longhaul push " + quote(args)
	}
	return &usageError{fmt.Sprintf("unknown command %q", args[0]), hint}
}

// nearest returns the name that word is likely a slip of, or "".
func nearest(word string, names []string) string {
	best, distance := "", 1+len(word)/3
	for _, name := range names {
		if d := levenshtein.ComputeDistance(word, name); d <= distance {
			best, distance = name, d-1
		}
	}
	return best
}
