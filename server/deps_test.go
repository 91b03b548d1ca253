package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/longhaul-io/longhaul"

func deps(t *testing.T, format string, packages ...string) []string {
	t.Helper()
	args := append([]string{"list", "-deps", "-f", format}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(out))
	slices.Sort(names)
	return slices.Compact(names)
}

// The client and the server do not know each other: what they share is tus. What is
// for tests is in no program.
func TestImportRules(t *testing.T) {
	for from, never := range map[string]string{
		"./server":                    module + "/client",
		"./server/cmd/...":            module + "/client",
		"./server/internal/...":       module + "/client",
		"./server/cmd/longhauld":      module + "/server/internal/servertest",
		"./web":                       module + "/server",
		"./server/internal/filestore": module + "/server/internal/protocol",
	} {
		for _, dep := range deps(t, "{{.ImportPath}}", from) {
			if dep == never || strings.HasPrefix(dep, never+"/") {
				t.Errorf("%s imports %s", from, dep)
			}
		}
	}
}

// What the server is built of. A new name here is a decision: its commit says
// why it, when it was last released, its licence and its weight.
func TestServerModules(t *testing.T) {
	want := []string{
		"github.com/agnivade/levenshtein",
		"github.com/andybalholm/brotli",
		"github.com/dustin/go-humanize",
		"github.com/dunglas/httpsfv",
		"github.com/go-chi/chi/v5",
		"github.com/go-viper/mapstructure/v2",
		"github.com/gofrs/flock",
		"github.com/knadh/koanf/maps",
		"github.com/knadh/koanf/parsers/toml/v2",
		"github.com/knadh/koanf/providers/env/v2",
		"github.com/knadh/koanf/providers/posflag",
		"github.com/knadh/koanf/providers/rawbytes",
		"github.com/knadh/koanf/v2",
		"github.com/longhaul-io/longhaul",
		"github.com/mitchellh/copystructure",
		"github.com/mitchellh/reflectwalk",
		"github.com/pelletier/go-toml/v2",
		"github.com/spf13/cobra",
		"github.com/spf13/pflag",
		"github.com/tus/tusd/v2",
		"golang.org/x/exp",
		"golang.org/x/net",
		"golang.org/x/sys",
		"golang.org/x/text",
	}
	got := deps(t, "{{with .Module}}{{.Path}}{{end}}", "./server/cmd/longhauld")
	for _, m := range got {
		if !slices.Contains(want, m) {
			t.Errorf("%s is new", m)
		}
	}
	for _, m := range want {
		if !slices.Contains(got, m) {
			t.Errorf("%s is no longer needed", m)
		}
	}
}

// Only durable changes names and syncs, so that there is one place to look for
// what a power cut can undo.
func TestOnlyDurableChangesTheDisk(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"), strings.HasPrefix(path, "internal/durable/"),
			strings.HasPrefix(path, "internal/servertest/"): // is in no program, see TestImportRules
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, _ := call.X.(*ast.Ident)
			fromOS := pkg != nil && (pkg.Name == "os" || pkg.Name == "unix" || pkg.Name == "syscall")
			if call.Sel.Name == "Sync" || fromOS && slices.Contains([]string{"Rename", "Link", "Remove", "RemoveAll", "Create", "OpenFile", "WriteFile"}, call.Sel.Name) {
				t.Errorf("%s calls %s", path, call.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
