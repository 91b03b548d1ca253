package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/longhaul-io/longhaul/client"
)

// access is what gets a command into a server: a token, unless the URL has user
// and password, further headers, and certificates.
type access struct {
	token, file string
	headers     []string
	trust       trust
	nobody      bool // the server is none that the command names, so it gets no token
}

const tokenVariable = "LONGHAUL_TOKEN"

func (a *access) flags(f *pflag.FlagSet) {
	f.StringVar(&a.token, "token", "", "send this bearer `TOKEN`; others on this machine can see it, "+tokenVariable+" they cannot")
	f.StringVar(&a.file, "token-file", "", "send the bearer token in `FILE`, which is read anew for each request")
	f.StringArrayVar(&a.headers, "header", nil, "send this too, as `NAME: VALUE`, to this server only; repeatable")
	a.trust.flags(f)
}

// secret reports whether something of it is for one server only.
func (a *access) secret() bool {
	return a.token != "" || a.file != "" || len(a.headers) > 0 || a.trust.certificate != ""
}

// toOthers is what servers get that the command does not name.
func (a *access) toOthers() access {
	return access{nobody: true, trust: trust{authorities: a.trust.authorities}}
}

// header is what goes along with each request to the server at u.
func (a *access) header(u *url.URL) (http.Header, error) {
	header, err := parseHeader(a.headers)
	if err == nil && a.authorizes() && (u.User != nil || a.token != "" || a.file != "") {
		return nil, &usageError{"--header Authorization, and a token or a user in the URL", "leave one out"}
	}
	return header, err
}

// authorizes reports whether the headers do what a token would.
func (a *access) authorizes() bool {
	header, err := parseHeader(a.headers)
	return err == nil && header.Get("Authorization") != ""
}

// connect makes a client for the server that an upload's or an endpoint's
// address names.
func connect(address string, config client.Config, a access, getenv func(string) string) (*client.Client, *url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, nil, &usageError{fmt.Sprintf("%q is no http or https URL", redacted([]string{address})[0]), "push prints the URL of each upload"}
	}
	if config.Header, err = a.header(u); err != nil {
		return nil, nil, err
	}
	if config.TLS, err = a.trust.config(); err != nil {
		return nil, nil, err
	}
	if config.Token, err = a.source(u, getenv); err != nil {
		return nil, nil, err
	}
	c, err := client.New(address, config)
	if err != nil {
		return nil, nil, &usageError{err.Error(), "push prints the URL of each upload"}
	}
	return c, u, nil
}

// source is where requests to the server at u get their token from; no other
// server sees it. It is nil without one. A file is read anew for each request,
// since whoever renews the token renews the file.
func (a *access) source(u *url.URL, getenv func(string) string) (func(context.Context) (string, error), error) {
	get := func(context.Context) (string, error) { return checkToken(a.token) }
	switch {
	case a.nobody:
		return nil, nil
	case a.token != "" && a.file != "":
		return nil, &usageError{"--token and --token-file at once", "leave one out"}
	case u.User != nil && (a.token != "" || a.file != ""):
		return nil, &usageError{"a token, and a user in the URL", "leave one out"}
	case a.file != "":
		get = func(context.Context) (string, error) { return readToken(a.file) }
	case a.token != "":
	case u.User == nil && !a.authorizes() && getenv(tokenVariable) != "":
		get = func(context.Context) (string, error) { return checkToken(getenv(tokenVariable)) }
	default:
		return nil, nil
	}
	_, err := get(context.Background())
	return get, err
}

func readToken(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", &usageError{fmt.Sprintf("--token-file: %s: %s", path, short(err)), "it is a file that holds the token and nothing else"}
	}
	return checkToken(string(data))
}

func checkToken(text string) (string, error) {
	token := strings.TrimSpace(text)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", &usageError{"the token is no token", "it is one word of ASCII"}
	}
	return token, nil
}

// redacted returns words without the secrets among them: passwords in URLs,
// tokens, and what headers say.
func redacted(words []string) []string {
	shown := make([]string, len(words))
	for i, word := range words {
		shown[i] = word
		if u, err := url.Parse(word); err == nil && u.User != nil {
			shown[i] = u.Redacted()
		}
		if strings.HasPrefix(word, "--token=") {
			shown[i] = "--token=xxxxx"
		}
		if i > 0 && words[i-1] == "--token" {
			shown[i] = "xxxxx"
		}
		name, _, _ := strings.Cut(word, ":")
		if strings.HasPrefix(word, "--header=") || i > 0 && words[i-1] == "--header" {
			shown[i] = name + ": xxxxx"
		}
	}
	return shown
}
