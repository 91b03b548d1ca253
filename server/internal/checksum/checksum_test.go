package checksum

import (
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What openssl and others say of "hello".
var ofHello = map[string]string{
	"sha1":   "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
	"sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
	"md5":    "XUFAKrxLKna5cZ2REBfFkg==",
	"crc32c": "mnG7TA==",
}

func TestAlgorithms(t *testing.T) {
	if got, want := Algorithms(), "sha1,sha256,md5,crc32c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// request returns a request with a body and the given values of the header.
func request(body io.Reader, values ...string) *http.Request {
	r := httptest.NewRequest("PATCH", "/", body)
	for _, v := range values {
		r.Header.Add(Field, v)
	}
	return r
}

// store reads the body and has it verified, as a store does.
func store(r *http.Request) error {
	x := From(r.Context())
	if _, err := io.Copy(x, r.Body); err != nil {
		return err
	}
	return x.Verify()
}

func TestVerify(t *testing.T) {
	for name, sum := range ofHello {
		for body, want := range map[string]error{"hello": nil, "hellO": ErrMismatch, "hell": ErrMismatch, "hello ": ErrMismatch, "": ErrMismatch} {
			r, err := Attach(request(strings.NewReader(body), name+" "+sum))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := store(r); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%s of %q: %v, want %v", name, body, err, want)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, tt := range []struct {
		values []string
		want   error
	}{
		{[]string{""}, ErrMalformed},
		{[]string{"sha1"}, ErrMalformed},
		{[]string{"sha1 "}, ErrMalformed},
		{[]string{"sha1  " + ofHello["sha1"]}, ErrMalformed},
		{[]string{"sha1 " + ofHello["sha1"] + " "}, ErrMalformed},
		{[]string{"sha1 " + ofHello["sha1"] + ",sha1 " + ofHello["sha1"]}, ErrMalformed},
		{[]string{"sha1 " + ofHello["sha1"], "sha1 " + ofHello["sha1"]}, ErrMalformed},
		{[]string{"sha1 " + strings.TrimRight(ofHello["sha1"], "=")}, ErrMalformed},
		{[]string{"sha1 " + ofHello["sha256"]}, ErrMalformed},
		{[]string{"sha1 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}, ErrMalformed},
		{[]string{"sha1 qvTGHdzF6KLavt4PO0gs2a6pQ01="}, ErrMalformed}, // bits that stand for nothing
		{[]string{"sha1 qvTGHdzF6KLa\nvt4PO0gs2a6pQ00="}, ErrMalformed},
		{[]string{"sha256 -_JNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}, ErrMalformed}, // the other base64
		{[]string{"SHA1 " + ofHello["sha1"]}, ErrAlgorithm},
		{[]string{"sha-256 " + ofHello["sha256"]}, ErrAlgorithm},
		{[]string{"crc32 AAAAAA=="}, ErrAlgorithm},
		{[]string{" " + ofHello["sha1"]}, ErrAlgorithm},
	} {
		if r, err := Attach(request(nil, tt.values...)); !errors.Is(err, tt.want) || From(r.Context()) != nil {
			t.Errorf("%q: %v, want %v", tt.values, err, tt.want)
		}
	}
}

// A request that says nothing of a checksum is left as it is.
func TestNothingExpected(t *testing.T) {
	r := request(strings.NewReader("hello"))
	r.Header.Set("Trailer", "Server-Timing")
	if got, err := Attach(r); got != r || err != nil || From(got.Context()) != nil {
		t.Errorf("got another request, error %v", err)
	}
}

// Only a body that came whole, and was written whole, has a checksum: also when
// what was written of it has the right one.
func TestCutShort(t *testing.T) {
	right := "md5 " + ofHello["md5"]
	for name, tt := range map[string]struct {
		body  io.Reader
		write int // how much of it
	}{
		"never read to its end": {strings.NewReader("hello and more"), 5},
		"breaks off":            {io.MultiReader(strings.NewReader("hello"), broken{}), 5},
		"more than was written": {strings.NewReader("hello!"), 5},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Attach(request(tt.body, right))
			if err != nil {
				t.Fatal(err)
			}
			x := From(r.Context())
			p := make([]byte, tt.write)
			_, _ = io.ReadFull(r.Body, p)
			_, _ = x.Write(p)
			if strings.HasPrefix(name, "more") || strings.HasPrefix(name, "breaks") {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			if err := x.Verify(); !errors.Is(err, ErrCutShort) {
				t.Errorf("got %v, want ErrCutShort", err)
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// trailing has a server read a request that is sent as written, and returns what
// became of its body.
func trailing(t *testing.T, header, body string) (attach, verify error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, attach = Attach(r)
		if attach == nil {
			verify = store(r)
		}
	}))
	defer srv.Close()
	send(t, srv.Listener.Addr().String(), "PATCH / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"+header+"\r\n"+body)
	srv.Close() // waits for the handler
	return attach, verify
}

func TestTrailer(t *testing.T) {
	const chunked = "Transfer-Encoding: chunked\r\nTrailer: Upload-Checksum\r\n"
	const hello = "2\r\nhe\r\n3\r\nllo\r\n0\r\n"
	right := "Upload-Checksum: sha1 " + ofHello["sha1"] + "\r\n"
	for name, tt := range map[string]struct {
		header, body   string
		attach, verify error
	}{
		"sha1":                            {chunked, hello + right + "\r\n", nil, nil},
		"crc32c":                          {chunked, hello + "Upload-Checksum: crc32c " + ofHello["crc32c"] + "\r\n\r\n", nil, nil},
		"among others":                    {"Transfer-Encoding: chunked\r\nTrailer: X-A, upload-checksum\r\n", hello + "X-A: b\r\n" + right + "\r\n", nil, nil},
		"wrong":                           {chunked, "1\r\nj\r\n0\r\n" + right + "\r\n", nil, ErrMismatch},
		"missing":                         {chunked, hello + "\r\n", nil, ErrMissing},
		"empty":                           {chunked, hello + "Upload-Checksum:\r\n\r\n", nil, ErrMalformed},
		"twice":                           {chunked, hello + right + right + "\r\n", nil, ErrMalformed},
		"unknown":                         {chunked, hello + "Upload-Checksum: sha512 AAAA\r\n\r\n", nil, ErrAlgorithm},
		"header too":                      {chunked + right, hello + right + "\r\n", ErrMalformed, nil},
		"of a body whose length is known": {"Content-Length: 5\r\nTrailer: Upload-Checksum\r\n", "hello", ErrNoTrailer, nil},
		"not announced":                   {"Transfer-Encoding: chunked\r\n" + right, hello + "Upload-Checksum: sha512 AAAA\r\n\r\n", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			attach, verify := trailing(t, tt.header, tt.body)
			if !same(attach, tt.attach) || !same(verify, tt.verify) {
				t.Errorf("Attach: %v, want %v; Verify: %v, want %v", attach, tt.attach, verify, tt.verify)
			}
		})
	}
}

func same(got, want error) bool {
	return got == nil && want == nil || want != nil && errors.Is(got, want)
}

// Whatever the field says, it is taken for a sum of its algorithm's length or
// refused, and what is taken reads back as it was written.
func FuzzField(f *testing.F) {
	for name, sum := range ofHello {
		f.Add(name + " " + sum)
	}
	f.Add("sha1 ")
	f.Add("sha1  AAAA")
	f.Fuzz(func(t *testing.T, value string) {
		got, err := parse([]string{value})
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrAlgorithm) {
				t.Errorf("%q: %v", value, err)
			}
			return
		}
		a := algorithms[got.algorithm]
		if back := a.name + " " + base64.StdEncoding.EncodeToString(got.bytes); back != value || len(got.bytes) != a.size {
			t.Errorf("%q was read as %q", value, back)
		}
	})
}

func send(t *testing.T, addr, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, conn) // until the server has answered
}
