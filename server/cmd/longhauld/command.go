package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is stamped by the linker: -ldflags "-X main.version=1.2.3".
var version = ""

// run runs the command line args and returns the exit code: 0 after a clean
// stop, 2 if args or settings are wrong, 1 for everything else.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newCommand(stdout, stderr)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return explain(stderr, root.ExecuteContext(ctx))
}

func newCommand(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "longhauld",
		Short: "Receive large files over bad links and lose nothing",
		Long: `longhauld receives uploads by tus 1.0.0 and keeps what it has acknowledged,
whatever happens to it.

Every flag can be given as an environment variable (--max-size is
LONGHAUL_MAX_SIZE) or as a key in a TOML file (max-size = "50GB"). A flag wins
over the environment, which wins over the file.`,
		Example: `  longhauld
  longhauld --listen 0.0.0.0:8080 --data /srv/longhaul --max-size 50GB
  longhauld --config /etc/longhaul.toml`,
		Version:           versionString(),
		Args:              noArguments,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := loadSettings(cmd.Flags())
			if err != nil {
				return err
			}
			return serve(cmd.Context(), set, stdout, stderr)
		},
	}
	defineFlags(root.PersistentFlags())
	root.SetVersionTemplate("longhauld {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newHealthCommand(stdout), newSweepCommand(stdout, stderr))
	return root
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	advice := "longhauld --help lists what it takes"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		advice = fmt.Sprintf("did you mean longhauld %s?", near[0])
	}
	return usage(advice, "unexpected argument %q", args[0])
}

// versionString is the stamped version, or what the Go tool knows of the build.
func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
