package main

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"longhauld": main})
}

// TestScripts runs the scripts in testdata against the real program. Beside the
// commands of testscript they have
//
//	server ARG...   starts longhauld on a free port; sets $URL and $ADDR
//	stopserver      ends it with SIGTERM, which must succeed
//	upload VAR LENGTH TEXT
//	                creates an upload of that length called VAR.bin, sends the
//	                beginning of it and sets $VAR to its id
//	location VAR URL
//	                checks that the Location of the upload VAR begins with the URL
//	maxsize BYTES   checks the Tus-Max-Size of the server
//	readiness STATUS
//	                checks the status of /readyz
//	occupy VAR      listens on a free address and sets $VAR to it
//	exits CODE COMMAND ARG...
//	                runs the command, which must end with that exit code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Values[serverKey{}] = new(*servertest.Process)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"server":     startServer,
			"stopserver": stopServer,
			"upload":     upload,
			"maxsize":    maxSize,
			"location":   location,
			"readiness":  readiness,
			"occupy":     occupy,
			"exits":      exits,
		},
	})
}

type serverKey struct{}

// current is where a script keeps its server.
func current(ts *testscript.TestScript) **servertest.Process {
	return ts.Value(serverKey{}).(**servertest.Process)
}

func startServer(ts *testscript.TestScript, neg bool, args []string) {
	bin, err := exec.LookPath("longhauld")
	ts.Check(err)
	env := append(os.Environ(), "LONGHAUL_MAX_SIZE="+ts.Getenv("LONGHAUL_MAX_SIZE"), "LONGHAUL_MIN_FREE="+ts.Getenv("LONGHAUL_MIN_FREE"))
	p, err := servertest.Start(bin, ts.Getenv("WORK"), env, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	ts.Check(err)
	ts.Setenv("ADDR", p.Addr)
	ts.Setenv("URL", p.Endpoint)
	*current(ts) = p
	ts.Defer(func() { ts.Check(p.Kill()) })
}

func stopServer(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check((*current(ts)).Stop())
}

func upload(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("URL"), strings.NewReader(args[2]))
	ts.Check(err)
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", args[1])
	req.Header.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(args[0]+".bin")))
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode != http.StatusCreated {
		ts.Fatalf("creating an upload: %s", resp.Status)
	}
	ts.Setenv(args[0], path.Base(resp.Header.Get("Location")))
	ts.Setenv(args[0]+"_LOCATION", resp.Header.Get("Location"))
}

func location(ts *testscript.TestScript, neg bool, args []string) {
	if got, want := ts.Getenv(args[0]+"_LOCATION"), args[1]+ts.Getenv(args[0]); got != want {
		ts.Fatalf("Location is %q, want %q", got, want)
	}
}

func maxSize(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequest(http.MethodOptions, ts.Getenv("URL"), nil)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if got := resp.Header.Get("Tus-Max-Size"); got != args[0] {
		ts.Fatalf("Tus-Max-Size is %q, want %q", got, args[0])
	}
}

func readiness(ts *testscript.TestScript, neg bool, args []string) {
	resp, err := http.Get("http://" + ts.Getenv("ADDR") + "/readyz")
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if got := strconv.Itoa(resp.StatusCode); got != args[0] {
		ts.Fatalf("/readyz answers %s, want %s", got, args[0])
	}
}

func occupy(ts *testscript.TestScript, neg bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ln.Close() })
	ts.Setenv(args[0], ln.Addr().String())
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
