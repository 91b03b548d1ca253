package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/dustin/go-humanize"
	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/longhaul-io/longhaul/server"
)

// envPrefix begins the names of the environment variables that are settings.
const envPrefix = "LONGHAUL_"

// settings is what the command line, the environment and the file say together.
type settings struct {
	listen    string
	server    server.Config // without its Log
	logFormat string
	logLevel  slog.Level
}

// defineFlags defines every setting, with its default and its words.
func defineFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.String("config", "", "read settings from this TOML `FILE`")
	f.String("listen", "127.0.0.1:8080", "take connections on this `ADDRESS`; port 0 means any free one")
	f.String("data", "longhaul-data", "keep everything in this `DIRECTORY`; finished files are in its files/")
	f.String("base-path", "/files/", "serve uploads under this URL `PATH`")
	f.String("public-url", "", "begin the Location of new uploads with this `URL`, under which others reach the server; empty means relative")
	f.String("max-size", "0", "take no upload larger than this `SIZE`, as 1MiB or 50GB; 0 means no limit")
	f.String("min-free", "auto", "leave this `SIZE` of the disk free; auto is 1GiB or 5 % of it, whichever is less")
	f.String("expire-after", "168h", "remove an unfinished upload this `TIME` after its last byte; 0 means never")
	f.String("publish", "on", "call finished files as their uploaders do: `on|off`; off calls them by their ids")
	f.String("durability", "on", "have acknowledged bytes on disk: `on|off`; off syncs nothing, and a power cut takes them back")
	f.String("digest", "none", "compute of every upload, besides its CRC-32C, this digest: `none|sha-256`")
	defineNetworkFlags(f)
	f.String("log-format", "text", "write the log as `text|json`")
	f.String("log-level", "info", "log from this level on: `debug|info|warn|error`")
}

// loadSettings merges defaults, file, environment and flags, later ones winning,
// and reports everything that is wrong with the result at once.
func loadSettings(flags *pflag.FlagSet) (settings, error) {
	k := koanf.New(".")
	environment := env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: envKey})
	if err := k.Load(environment, nil); err != nil {
		return settings{}, fmt.Errorf("reading the environment: %w", err)
	}
	if err := checkEnvironment(k, flags); err != nil {
		return settings{}, err
	}
	merged := koanf.New(".")
	if path := configPath(flags, k); path != "" {
		if err := loadFile(merged, path, flags); err != nil {
			return settings{}, err
		}
	}
	if err := merged.Merge(k); err != nil {
		return settings{}, fmt.Errorf("merging the environment: %w", err)
	}
	if err := merged.Load(posflag.Provider(flags, ".", merged), nil); err != nil {
		return settings{}, fmt.Errorf("reading the flags: %w", err)
	}
	return parseSettings(merged)
}

// envKey turns LONGHAUL_MAX_SIZE into max-size. An empty variable counts as
// one that is not there.
func envKey(name, value string) (string, any) {
	if value == "" {
		return "", nil
	}
	key := strings.TrimPrefix(name, envPrefix)
	return strings.ToLower(strings.ReplaceAll(key, "_", "-")), value
}

func configPath(flags *pflag.FlagSet, environment *koanf.Koanf) string {
	if flag := flags.Lookup("config"); flag.Changed {
		return flag.Value.String()
	}
	return environment.String("config")
}

// loadFile reads the TOML file at path. A key that is no setting is an error:
// a setting that is silently ignored is a limit that does not hold.
func loadFile(k *koanf.Koanf, path string, flags *pflag.FlagSet) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return usage("--config names a TOML file", "cannot read the configuration: %w", err)
	}
	if err := k.Load(rawbytes.Provider(text), toml.Parser()); err != nil {
		return usage("see https://toml.io for how a TOML file is written", "configuration %s: %w", path, err)
	}
	known := settingNames(flags)
	for _, key := range k.Keys() {
		if !slices.Contains(known, key) {
			return usage(didYouMean(key, known, ""), "configuration %s: unknown key %q", path, key)
		}
	}
	return nil
}

// checkEnvironment refuses variables that can only be meant for settings. Others
// are left alone: Kubernetes sets some of its own for services whose names begin
// like this one.
func checkEnvironment(environment *koanf.Koanf, flags *pflag.FlagSet) error {
	known := append(settingNames(flags), "config")
	for _, key := range environment.Keys() {
		if slices.Contains(known, key) || strings.Contains(key, "-service-") || strings.Contains("-"+key+"-", "-port-") {
			continue
		}
		if near, ok := meant(key, known); ok {
			return usage(fmt.Sprintf("did you mean %s?", envName(near)), "unknown environment variable %s", envName(key))
		}
	}
	return nil
}

// meant returns the name of which key is a part, an extension or a misspelling.
func meant(key string, known []string) (name string, ok bool) {
	for _, name := range known {
		if strings.HasPrefix(name, key+"-") || strings.HasPrefix(key, name+"-") {
			return name, true
		}
	}
	name = nearest(key, known)
	return name, levenshtein.ComputeDistance(name, key) <= 2
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// settingNames returns the flags that are settings.
func settingNames(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" && f.Name != "version" {
			names = append(names, f.Name)
		}
	})
	return names
}

func parseSettings(k *koanf.Koanf) (settings, error) {
	set := settings{
		listen:    k.String("listen"),
		logFormat: k.String("log-format"),
		server: server.Config{
			DataDir:    k.String("data"),
			BasePath:   cmp.Or(k.String("base-path"), "/files/"),
			Publish:    k.String("publish"),
			PublicURL:  strings.TrimSuffix(k.String("public-url"), "/"),
			Durability: k.String("durability"),
			Digest:     k.String("digest"),
		},
	}
	var errs []error
	var err error
	if _, port, err := net.SplitHostPort(set.listen); err != nil || port == "" {
		errs = append(errs, usage("an address is HOST:PORT, as 127.0.0.1:8080, or 0.0.0.0:8080 for everybody", "listen: %q is no address", set.listen))
	}
	if set.server.MaxSize, err = parseSize(k.String("max-size")); err != nil {
		errs = append(errs, usage("a size is 0, 1MiB, 50GB", "max-size: %w", err))
	}
	if set.server.MinFree, err = parseMinFree(k.String("min-free")); err != nil {
		errs = append(errs, usage("a size is auto, 0, 100MB, 5GiB", "min-free: %w", err))
	}
	if set.server.ExpireAfter, err = time.ParseDuration(k.String("expire-after")); err != nil {
		errs = append(errs, usage("a time is 0, 90m, 24h", "expire-after: %q is no time", k.String("expire-after")))
	}
	errs = append(errs, parseNetwork(k, &set.server)...)
	if err := set.logLevel.UnmarshalText([]byte(k.String("log-level"))); err != nil {
		errs = append(errs, usage("a level is debug, info, warn or error", "log-level: %q is no level", k.String("log-level")))
	}
	if set.logFormat != "text" && set.logFormat != "json" {
		errs = append(errs, usage("a format is text or json", "log-format: %q is no format", set.logFormat))
	}
	if err := set.server.Validate(); err != nil {
		errs = append(errs, usage("longhauld --help lists the settings", "%w", err))
	}
	return set, errors.Join(errs...)
}

// parseMinFree returns s as a [server.Config] has it: there, 0 is the default.
func parseMinFree(s string) (int64, error) {
	if s == "auto" {
		return 0, nil
	}
	size, err := parseSize(s)
	if err == nil && size == 0 {
		size = -1
	}
	return size, err
}

func parseSize(s string) (int64, error) {
	size, err := humanize.ParseBytes(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no size", s)
	}
	if size > math.MaxInt64 {
		return 0, fmt.Errorf("%q is more than any file can have", s)
	}
	return int64(size), nil
}
