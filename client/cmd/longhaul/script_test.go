package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/longhaul-io/longhaul/client/clienttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"longhaul": main})
}

// maxSize is the largest upload that the servers of the scripts take.
const maxSize = 64 << 20

// site is what a script has of its own: a stock tusd, and a proxy before it.
type site struct {
	t       *testing.T
	server  *clienttest.Server
	proxy   *clienttest.Proxy
	back    *wayBack
	stopped *exec.Cmd // by interrupt
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			server := clienttest.NewServer(t, maxSize)
			way := &wayBack{server: server}
			web := httptest.NewServer(way)
			env.Defer(web.Close)
			proxy := clienttest.NewProxy(t, web.Listener.Addr().String())
			env.Defer(proxy.Close)
			env.Values["site"] = &site{t: t, server: server, proxy: proxy, back: way}
			env.Setenv("ADDR", proxy.Addr())
			env.Setenv("HOST", "http://"+proxy.Addr())
			env.Setenv("URL", "http://"+proxy.Addr()+clienttest.Base)
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"noise": noise, "flip": flip, "exits": exits, "interrupt": interrupt, "exited": exited,
			"proxy": proxyCommand, "server": serverCommand, "stored": stored, "holds": holds, "posts": posts, "received": received,
			"told": told, "vanish": vanish, "events": events, "back": back, "part": part, "url": rememberURL, "secure": secure,
		},
	})
}

func siteOf(ts *testscript.TestScript) *site { return ts.Value("site").(*site) }

func number(ts *testscript.TestScript, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	ts.Check(err)
	return n
}

// noise FILE SIZE appends random bytes to a file.
func noise(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	ts.Check(err)
	data := make([]byte, number(ts, args[1]))
	_, _ = rand.NewChaCha8([32]byte{byte(len(data))}).Read(data)
	_, err = f.Write(data)
	ts.Check(err)
	ts.Check(f.Close())
}

// flip FILE changes its first byte.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	data[0]++
	ts.Check(os.WriteFile(path, data, 0o600))
}

// exits CODE COMMAND... runs a command that must end with CODE.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if int64(code) != number(ts, args[0]) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// interrupt sends Ctrl-C to the command in the background.
func interrupt(ts *testscript.TestScript, _ bool, _ []string) {
	running := ts.BackgroundCmds()
	s := siteOf(ts)
	s.stopped = running[len(running)-1]
	ts.Check(s.stopped.Process.Signal(os.Interrupt))
}

// exited CODE looks at the exit code of what was interrupted and waited for.
func exited(ts *testscript.TestScript, _ bool, args []string) {
	if code := siteOf(ts).stopped.ProcessState.ExitCode(); int64(code) != number(ts, args[0]) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// proxy cut BYTES TIMES | hold BYTES | pass
func proxyCommand(ts *testscript.TestScript, _ bool, args []string) {
	proxy := siteOf(ts).proxy
	switch args[0] {
	case "cut":
		proxy.CutAfter(number(ts, args[1]), int(number(ts, args[2])))
	case "hold":
		proxy.HoldAfter(number(ts, args[1]))
	default:
		proxy.CutAfter(0, 0)
	}
}

// server answers STATUS [CONTENT-TYPE] makes it answer everything so; server
// wants AUTHORIZATION makes it answer 401 to anything else; server tus ends that.
// server digests makes it tell Upload-Digest.
func serverCommand(ts *testscript.TestScript, _ bool, args []string) {
	server := siteOf(ts).server
	if args[0] == "digests" {
		server.TellDigests()
		return
	}
	if args[0] == "tus" {
		server.Answer(nil)
		return
	}
	if args[0] == "wants" {
		server.Answer(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") == args[1] {
				return false
			}
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		return
	}
	status := int(number(ts, args[1]))
	server.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		if len(args) > 2 {
			w.Header().Set("Content-Type", args[2])
		}
		w.WriteHeader(status)
		return true
	})
}

// stored FILE fails unless an upload equals FILE.
func stored(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	want, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	found := false
	for _, path := range s.server.Stored(s.t) {
		got, err := os.ReadFile(path)
		ts.Check(err)
		found = found || bytes.Equal(got, want)
	}
	if found == neg {
		ts.Fatalf("an upload equal to %s: %t", args[0], found)
	}
}

// holds MIN MAX [COUNT] waits until an upload, or COUNT of them, has so many bytes.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	s := siteOf(ts)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	want := 1
	if len(args) > 2 {
		want = int(number(ts, args[2]))
	}
	for {
		found := 0
		for _, path := range s.server.Stored(s.t) {
			if info, err := os.Stat(path); err == nil && number(ts, args[0]) <= info.Size() && info.Size() <= number(ts, args[1]) {
				found++
			}
		}
		if found >= want {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("no upload has %s to %s bytes", args[0], args[1])
		case <-ticker.C:
		}
	}
}

// vanish makes the server lose all uploads.
func vanish(ts *testscript.TestScript, _ bool, _ []string) {
	s := siteOf(ts)
	for _, path := range s.server.Stored(s.t) {
		ts.Check(os.Remove(path))
		ts.Check(os.Remove(path + ".info"))
	}
}

// posts COUNT looks at how many uploads were created.
func posts(ts *testscript.TestScript, _ bool, args []string) {
	if got := siteOf(ts).server.Requests(http.MethodPost); int64(got) != number(ts, args[0]) {
		ts.Fatalf("%d uploads were created, want %s", got, args[0])
	}
}

// received BYTES looks at how many bytes came in all.
func received(ts *testscript.TestScript, _ bool, args []string) {
	if got := siteOf(ts).server.Received(); got != number(ts, args[0]) {
		ts.Fatalf("%d bytes arrived, want %s", got, args[0])
	}
}

// told NAME [KEY=VALUE...] fails unless an upload was created with that filename
// and with exactly these further metadata. They are quoted as in Go.
func told(ts *testscript.TestScript, neg bool, args []string) {
	s := siteOf(ts)
	want := map[string]string{}
	for i, arg := range args {
		word, err := strconv.Unquote(`"` + arg + `"`)
		ts.Check(err)
		if i == 0 {
			word = "filename=" + word
		}
		key, value, _ := strings.Cut(word, "=")
		want[key] = value
	}
	var all []map[string]string
	for _, path := range s.server.Stored(s.t) {
		data, err := os.ReadFile(path + ".info")
		ts.Check(err)
		var info struct{ MetaData map[string]string }
		ts.Check(json.Unmarshal(data, &info))
		delete(info.MetaData, "filetype")
		all = append(all, info.MetaData)
	}
	found := slices.ContainsFunc(all, func(m map[string]string) bool { return maps.Equal(m, want) })
	if found == neg {
		ts.Fatalf("an upload with %q: %t; there are %q", want, found, all)
	}
}

// events FILE WORD... fails unless each line of FILE is JSON and the events that
// it tells, progress and repetitions left out, are these.
func events(ts *testscript.TestScript, _ bool, args []string) {
	var got []string
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var event struct{ Time, Event string }
		ts.Check(json.Unmarshal([]byte(line), &event))
		_, err := time.Parse(time.RFC3339, event.Time)
		ts.Check(err)
		if event.Event != "progress" {
			got = append(got, event.Event)
		}
	}
	if got = slices.Compact(got); !slices.Equal(got, args[1:]) {
		ts.Fatalf("events %q, want %q", got, args[1:])
	}
}
