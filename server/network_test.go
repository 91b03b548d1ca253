package server_test

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// A page of an origin that is let in can use everything, read every answer, and
// ask first without credentials.
func TestCORS(t *testing.T) {
	r := start(t, server.Config{CORSOrigins: []string{"https://app.example"}, MaxSize: 10})
	const from = "Origin: https://app.example"
	ask := r.do("OPTIONS", r.endpoint, nil, from, "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: upload-checksum")
	ask.want(t, 204, "Access-Control-Allow-Origin: https://app.example", "Vary: Origin")
	for _, part := range []string{"Upload-Checksum", "Upload-Offset", "Upload-Concat", "Tus-Resumable", "Authorization", "X-HTTP-Method-Override", "Repr-Digest"} {
		if !strings.Contains(ask.Header.Get("Access-Control-Allow-Headers")+",", part+",") {
			t.Errorf("%s is not allowed", part)
		}
	}
	for _, method := range []string{"POST", "PATCH", "DELETE", "HEAD", "GET"} {
		if !strings.Contains(ask.Header.Get("Access-Control-Allow-Methods"), method) {
			t.Errorf("%s is not allowed", method)
		}
	}
	for status, a := range map[int]answer{
		201: r.do("POST", r.endpoint, nil, from, "Upload-Length: 5"),
		400: r.do("POST", r.endpoint, nil, from),
		404: r.do("HEAD", r.endpoint+"none", nil, from),
		405: r.do("BREW", r.endpoint, nil, from),
		412: r.do("POST", r.endpoint, nil, from, "Tus-Resumable: 0"),
		413: r.do("POST", r.endpoint, nil, from, "Upload-Length: 11"),
	} {
		a.want(t, status, "Access-Control-Allow-Origin: https://app.example")
		for _, part := range []string{"Location", "Upload-Offset", "Upload-Digest", "Upload-Expires", "Tus-Resumable", "X-Request-Id", "Repr-Digest"} {
			if !strings.Contains(a.Header.Get("Access-Control-Expose-Headers")+",", part+",") {
				t.Errorf("with %d %s is not exposed", status, part)
			}
		}
	}
	r.do("POST", r.endpoint, nil, "Origin: https://evil.example", "Upload-Length: 5").want(t, 201, "Access-Control-Allow-Origin: ", "Vary: Origin")
}

// What a proxy says of the client is in the log if the proxy is trusted.
func TestTrustedProxy(t *testing.T) {
	for trusted, want := range map[string]string{"127.0.0.0/8": "from=198.51.100.7:0", "10.0.0.0/8": "from=127.0.0.1:"} {
		log := new(syncBuffer)
		r := start(t, server.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix(trusted)}, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		r.do("OPTIONS", r.endpoint, nil, "X-Forwarded-For: 203.0.113.9, 198.51.100.7")
		r.stop()
		if lines := log.lines("msg=request"); len(lines) != 1 || !strings.Contains(lines[0], want) {
			t.Errorf("with %s trusted: %q, want %s", trusted, lines, want)
		}
	}
}

// HTTP/2 over TLS, with a certificate that is renewed while the server runs.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := servertest.WriteCertificate(t, dir, 1)
	r := start(t, server.Config{TLSCert: certFile, TLSKey: keyFile})
	serial := func() int64 {
		conn, err := tls.Dial("tcp", r.addr, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	c := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer c.CloseIdleConnections()
	r.uploadWith(t, c, "https://"+r.addr)

	servertest.WriteCertificate(t, dir, 2)
	for deadline := time.Now().Add(10 * time.Second); serial() != 2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the renewed certificate is not shown after 10 s")
		}
	}
	if _, err := server.New(server.Config{DataDir: t.TempDir(), TLSCert: certFile, TLSKey: certFile}); err == nil || !strings.Contains(err.Error(), "TLS certificate") {
		t.Errorf("a wrong key: %v", err)
	}
}

// HTTP/2 without TLS is there when wanted, and only then.
func TestH2C(t *testing.T) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	c := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	defer c.CloseIdleConnections()
	r := start(t, server.Config{H2C: true})
	r.uploadWith(t, c, "http://"+r.addr)
	r.do("OPTIONS", r.endpoint, nil).want(t, 200) // HTTP/1.1 as well
	if resp, err := c.Get("http://" + start(t, server.Config{}).addr + "/livez"); err == nil {
		resp.Body.Close()
		t.Errorf("unwanted, it answers %s", resp.Proto)
	}
}

// uploadWith uploads over HTTP/2, too much at first.
func (r *running) uploadWith(t *testing.T, c *http.Client, base string) {
	t.Helper()
	do := func(method, url, body string, headers ...string) answer {
		t.Helper()
		req, err := http.NewRequest(method, base+url, io.NopCloser(strings.NewReader(body))) // unannounced
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range append(headers, "Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream") {
			name, value, _ := strings.Cut(h, ": ")
			req.Header.Set(name, value)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.ProtoMajor != 2 {
			t.Fatalf("%s over %s, %v", method, resp.Proto, err)
		}
		return answer{resp, string(text)}
	}
	url := do("POST", "/files/", "", "Upload-Length: 10").Header.Get("Location")
	do("PATCH", url, "helloworld and more", "Upload-Offset: 0").want(t, 413, "Tus-Resumable: 1.0.0")
	do("HEAD", url, "").want(t, 200, "Upload-Offset: 9")
	do("PATCH", url, "d", "Upload-Offset: 9").want(t, 204, "Upload-Offset: 10")
	if got := do("GET", url, ""); got.body != "helloworl"+"d" {
		t.Errorf("got %q", got.body)
	}
}

// The windows that a server of HTTP/2 opens let one upload fill a long fat link.
func TestReceiveWindows(t *testing.T) {
	r := start(t, server.Config{H2C: true})
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprint(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00") // and empty SETTINGS
	in := bufio.NewReader(conn)
	var stream, connection uint32
	for stream == 0 || connection == 0 {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			t.Fatal(err)
		}
		payload := make([]byte, binary.BigEndian.Uint32(head[:4])>>8)
		if _, err := io.ReadFull(in, payload); err != nil {
			t.Fatal(err)
		}
		switch kind := head[3]; kind {
		case 4: // SETTINGS, of which 4 is the window of each stream
			for ; len(payload) >= 6; payload = payload[6:] {
				if binary.BigEndian.Uint16(payload) == 4 {
					stream = binary.BigEndian.Uint32(payload[2:])
				}
			}
		case 8: // WINDOW_UPDATE
			connection = binary.BigEndian.Uint32(payload) + 65535
		}
	}
	if stream != 16<<20 || connection != 16<<20 {
		t.Errorf("windows of %d for a stream and %d for a connection, want 16 MiB", stream, connection)
	}
}

// One connection more than allowed waits until another one ends.
func TestMaxConnections(t *testing.T) {
	r := start(t, server.Config{MaxConnections: 1})
	first, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	answered := func(conn net.Conn, within time.Duration) bool {
		_ = conn.SetDeadline(time.Now().Add(within))
		fmt.Fprintf(conn, "GET /livez HTTP/1.1\r\nHost: %s\r\n\r\n", r.addr)
		_, err := bufio.NewReader(conn).ReadByte()
		return err == nil
	}
	if !answered(first, 10*time.Second) {
		t.Fatal("the first connection got no answer")
	}
	second, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if answered(second, 200*time.Millisecond) {
		t.Error("the second connection was served beside the first")
	}
	first.Close()
	if !answered(second, 10*time.Second) {
		t.Error("the second connection was not served after the first")
	}
}

// A client that falls silent is not waited for, and what it sent is kept. One
// that is slow but goes on is.
func TestNetworkTimeout(t *testing.T) {
	const timeout = time.Second
	log := new(syncBuffer)
	r := start(t, server.Config{NetworkTimeout: timeout, Log: slog.New(slog.NewTextHandler(log, nil))})
	url := r.create("Upload-Length: 10")
	conn := r.slowly(url, "hello", 10)
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	begun := time.Now()
	resp, err := http.ReadResponse(bufio.NewReader(skipContinue(conn)), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 500 || !strings.HasPrefix(string(body), "ERR_READ_TIMEOUT: ") || err != nil {
		t.Errorf("got %s %q, %v; want 500 ERR_READ_TIMEOUT", resp.Status, body, err)
	}
	if took := time.Since(begun); took < timeout/2 || took > promptly {
		t.Errorf("it took %s, want %s", took, timeout)
	}
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection is not closed: %v", err)
	}
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 5")

	slow, w := io.Pipe()
	go func() {
		for _, c := range "world" {
			time.Sleep(timeout / 4)
			_, _ = io.WriteString(w, string(c))
		}
		w.Close()
	}()
	r.patch(url, 5, slow).want(t, 204, "Upload-Offset: 10")

	// A creation is told what came, so that it can go on.
	_, in := r.creating("hello", 10)
	created, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	created.Body.Close()
	if created.StatusCode != 201 || created.Header.Get("Upload-Offset") != "5" || created.Header.Get("Location") == "" {
		t.Errorf("a creation that fell silent got %s, %v", created.Status, created.Header)
	}
	r.stop()
	if said := log.lines("the client sent nothing for the network timeout"); len(said) != 2 {
		t.Errorf("the log says %d times that a client fell silent, want 2: %q", len(said), said)
	}
}

// A HEAD gets an upload from a connection that hangs within 20 ms.
func TestTakeOverIsQuick(t *testing.T) {
	r := start(t, server.Config{})
	quickest := time.Hour
	for range 10 {
		url := r.create("Upload-Length: 10")
		r.slowly(url, "hello", 10)
		begun := time.Now()
		r.do("HEAD", url, nil).want(t, 200)
		quickest = min(quickest, time.Since(begun))
	}
	if quickest > 20*time.Millisecond {
		t.Errorf("the quickest of 10 took %s, want at most 20 ms", quickest)
	}
}

// A body that is announced and does not come, and that nobody reads, does not keep
// its connection.
func TestBodyNeverComes(t *testing.T) {
	r := start(t, server.Config{NetworkTimeout: 50 * time.Millisecond})
	for _, request := range []string{
		"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
		"GET /files/none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST /files/ HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 0\r\nContent-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); err != nil {
			t.Errorf("%s: the connection stays after %q: %v", strings.SplitN(request, " HTTP", 2)[0], got, err)
		}
	}
}
