package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// conformant is how a server is set up for the conformance test.
type conformant struct {
	name string
	cfg  server.Config
}

var conformants = []conformant{
	{"no limit", server.Config{}},
	{"1 MiB", server.Config{MaxSize: 1 << 20}},
	{"expiring", server.Config{ExpireAfter: 10 * time.Second}},
	{"auth on", server.Config{Authorize: bearer("secret"), MaxSize: 1 << 20, ExpireAfter: time.Hour}},
}

// row is one requirement: a request as it is on the wire, and what must come of
// it. Requests get Host, Content-Length and Tus-Resumable unless they have their
// own. In them and in what is wanted stand
//
//	{new} {half} {done} {open}  an upload with 0 of 10, 5 of 10, 10 of 10 bytes, 5 of unknown
//	{odd} {evil}                one with metadata of all forms, one whose metadata would forge headers
//	{none}                      no upload
//	{part} {part2} {parting}    a partial upload with 5 of 5, 5 of 5, 2 of 5 bytes
//	{final} {unfinished}        the final upload of {part} and {part2}, of {part} and {parting}
//	{host}                      where the server listens
//
// want is the status and headers: "Name: value", "Name" when any value will do,
// "!Name" when there must be none, "~Name: part" for a value that has the part,
// "body: beginning" for the body. then is what HEAD tells afterwards.
type row struct {
	name    string // begins with the number of the requirement
	request string
	want    string
	then    string
	only    string // the only setup in which it holds; empty means in each
}

// TestConformance holds the server against tus 1.0.0, requirement by requirement,
// over sockets. Of those for servers 13 and 16 say nothing that a request could
// show; TestNetworkTimeout has 37, TestExpiry 79 and 80.
func TestConformance(t *testing.T) {
	for _, setup := range conformants {
		t.Run(setup.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, setup.cfg)
			if setup.cfg.Authorize != nil {
				r.token = "secret"
			}
			for _, rows := range [][]row{coreRows, creationRows, limitRows, expirationRows, terminationRows, concatenationRows, checksumRows} {
				for _, c := range rows {
					if c.only == "" || c.only == setup.name {
						t.Run(c.name, func(t *testing.T) { r.hold(t, c) })
						if setup.cfg.Authorize != nil {
							t.Run(c.name+", without a token", func(t *testing.T) { r.hold(t, c.unauthenticated()) })
						}
					}
				}
			}
			r.stray(t)
		})
	}
}

// unauthenticated is the same request by somebody who is not let in, whom nothing
// is told but that.
func (c row) unauthenticated() row {
	c.request = strings.Replace(c.request, "\n", "\nAuthorization: Bearer guess\n", 1)
	if !strings.Contains(c.request, "\nAuthorization: ") {
		c.request += "\nAuthorization: Bearer guess"
	}
	c.then = ""
	c.want = "401 | WWW-Authenticate: Bearer | Cache-Control: no-store | X-Request-Id | !Location | !Upload-Offset | !Upload-Length | !Upload-Digest"
	if strings.Count(c.request, "X-HTTP-Method-Override: ") > 1 {
		c.want = "400" // there is no method that somebody could be asked about
	}
	return c
}

// hold checks one row.
func (r *running) hold(t *testing.T, c row) {
	t.Helper()
	places := map[string]string{"{none}": "/files/" + strings.Repeat("a", 26), "{host}": r.addr}
	fill := regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc
	var filled func(s string) string
	filled = func(s string) string {
		return fill(s, func(name string) string {
			if finals := map[string]string{"{final}": "{part} {part2}", "{unfinished}": "{part} {parting}"}; places[name] == "" && finals[name] != "" {
				places[name] = r.wire(t, "POST /files/\nUpload-Concat: final;"+filled(finals[name])).Header.Get("Location")
			}
			if places[name] == "" {
				places[name] = strings.TrimPrefix(r.prepared(t, name), "http://"+r.addr)
			}
			return places[name]
		})
	}
	uploads := func() int { names, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*")); return len(names) }
	request := filled(c.request)
	before := uploads()
	got := r.wire(t, request)
	wanted(t, got, filled(c.want))
	if strings.HasPrefix(c.request, "POST /files") && got.StatusCode >= 300 && uploads() > before { // folding makes them fewer
		t.Errorf("the refused creation left something")
	}
	if c.then == "" {
		return
	}
	url, then, _ := strings.Cut(c.then, ": ")
	wanted(t, r.wire(t, "HEAD "+filled(url)), then)
}

// prepared returns the URL of an upload in the state called name.
func (r *running) prepared(t *testing.T, name string) string {
	t.Helper()
	r = &running{t: t, addr: r.addr, endpoint: r.endpoint, dir: r.dir, token: r.token}
	state, known := map[string]struct{ content, headers string }{
		"{new}":     {"", "Upload-Length: 10"},
		"{half}":    {"hello", "Upload-Length: 10"},
		"{open}":    {"hello", "Upload-Defer-Length: 1"},
		"{done}":    {"helloworld", "Upload-Length: 10"},
		"{odd}":     {"", "Upload-Length: 10 | Upload-Metadata: b YmJi , a,empty ,ä w6Q="},
		"{evil}":    {"helloworld", "Upload-Length: 10 | Upload-Metadata: filename YSINClgtRXZpbDogMQ==,filetype dGV4dC9odG1sDQpYLUV2aWw6IDE="},
		"{part}":    {"hello", "Upload-Length: 5 | Upload-Concat: partial"},
		"{part2}":   {"world", "Upload-Length: 5 | Upload-Concat: partial"},
		"{parting}": {"wo", "Upload-Length: 5 | Upload-Concat: partial"},
	}[name]
	if !known {
		t.Fatalf("no state is called %s", name)
	}
	url, content := r.create(append([]string{filenameA}, strings.Split(state.headers, " | ")...)...), state.content
	if content != "" {
		r.patch(url, 0, strings.NewReader(content)).want(t, 204)
	}
	return url
}

// wire sends text over a connection of its own, lines ending in \n, and returns
// the answer.
func (r *running) wire(t *testing.T, text string) answer {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, _, _ := strings.Cut(lines[0], " ")
	lines[0] += " HTTP/1.1"
	has := func(name string) bool { return strings.Contains("\n"+strings.ToLower(head), "\n"+name+":") }
	lines = append(lines, "Host: "+r.addr, "Connection: close")
	if !has("tus-resumable") && method != "OPTIONS" {
		lines = append(lines, "Tus-Resumable: 1.0.0")
	}
	if !has("authorization") && r.token != "" {
		lines = append(lines, "Authorization: Bearer "+r.token)
	}
	if !has("content-length") && !has("transfer-encoding") {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	conn, err := net.DialTimeout("tcp", r.addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	// A server that refuses may close before all of it is sent.
	_, _ = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", lines[0], err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s: body: %v", lines[0], err)
	}
	return answer{resp, string(got)}
}

// wanted compares an answer with what a row wants, parts of which are separated
// by " | ".
func wanted(t *testing.T, a answer, want string) {
	t.Helper()
	parts := strings.Split(want, " | ")
	if status := fmt.Sprint(a.StatusCode); !strings.Contains(" "+parts[0]+" ", " "+status+" ") {
		t.Errorf("got %s %q, want %s", a.Status, a.body, parts[0])
	}
	for _, part := range parts[1:] {
		name, value, exact := strings.Cut(part, ": ")
		got, present := a.Header.Get(name), a.Header.Values(name) != nil
		ok := present
		switch {
		case name == "body":
			got, ok = a.body, strings.HasPrefix(a.body, value)
		case strings.HasPrefix(name, "!"):
			got = a.Header.Get(name[1:])
			ok = a.Header.Values(name[1:]) == nil
		case strings.HasPrefix(name, "~"):
			got = a.Header.Get(name[1:])
			ok = strings.Contains(got, value)
		case exact:
			ok = got == value
		}
		if !ok {
			t.Errorf("got %s: %q, want %s", name, got, part)
		}
	}
	if a.Header.Get("Tus-Resumable") != "1.0.0" {
		t.Errorf("Tus-Resumable is %q", a.Header.Get("Tus-Resumable"))
	}
}

// stray fails the test if the data directory holds what no upload has a right to.
func (r *running) stray(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, entry os.DirEntry, err error) error {
		name, _ := filepath.Rel(r.dir, path)
		if err == nil && !entry.IsDir() && !regexp.MustCompile(`^(lock|files/[^/]+|uploads/[a-z2-7]{26}\.(log|data))$`).MatchString(name) {
			t.Errorf("stray file %q", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
