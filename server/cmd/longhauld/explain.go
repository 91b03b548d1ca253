package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// failure is an error with what the user can do about it.
type failure struct {
	err  error
	hint string
	code int
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// hint returns an error that the user can mend on his machine.
func hint(hint, format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...), hint, exitFailed}
}

// usage returns an error that the user can mend in what he wrote.
func usage(hint, format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...), hint, exitUsage}
}

// explain is the one place that turns errors into words: for each a line
// "error: …" and, where there is one, a line "hint: …". It returns the exit code.
func explain(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		code := 0
		for _, err := range joined.Unwrap() {
			code = max(code, explain(w, err))
		}
		return code
	}
	fmt.Fprintf(w, "error: %s\n", oneLine(err))
	var f *failure
	if !errors.As(err, &f) {
		return exitFailed
	}
	fmt.Fprintf(w, "hint: %s\n", f.hint)
	return f.code
}

// oneLine is what err says, also if it is several errors.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// flagError explains a flag that cobra could not make sense of.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return usage("it is true or false", "%s: %q is neither true nor false", invalid.GetFlag().Name, invalid.GetValue())
	case !errors.As(err, &unknown):
		return usage("longhauld --help lists the flags", "%w", err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	name := unknown.GetSpecifiedName()
	return usage(didYouMean(name, names, "--"), "unknown flag --%s", name)
}

// didYouMean names the nearest of known, which a typing error has turned into name.
func didYouMean(name string, known []string, prefix string) string {
	return fmt.Sprintf("did you mean %s%s? longhauld --help lists all", prefix, nearest(name, known))
}

func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
}
