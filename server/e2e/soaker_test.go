//go:build linux

package e2e

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"
)

// soakLength is how many bytes each client sends.
const soakLength = 256 << 10

// soaker is a client of a soak: slow, and on a bad line.
type soaker struct {
	name   string // of its file
	addr   string // of the server
	path   string // of its upload
	rng    *rand.Rand
	seed   [32]byte
	told   int // bytes that the server has told to have
	sent   int // the most that it can have
	breaks int // requests that it broke off
	late   int // and that one of those ended, which the server came to later
	hung   net.Conn
}

func newSoaker(addr string, seed int64, number int) *soaker {
	return &soaker{
		name: fmt.Sprintf("soak-%d", number), addr: addr, rng: rand.New(rand.NewPCG(uint64(seed), uint64(number))),
		seed: [32]byte([]byte(fmt.Sprintf("%016x%016x", uint64(seed), number))),
	}
}

// content returns what it sends, the same each time.
func (s *soaker) content() []byte {
	b := make([]byte, soakLength)
	_, _ = rand.NewChaCha8(s.seed).Read(b)
	return b
}

// run creates the upload, calls sending when its first byte is on its way, waits
// for start, breaks and resumes until over is closed, and then finishes.
func (s *soaker) run(sending func(), start, over <-chan struct{}) error {
	content := s.content()
	l, err := s.begin(content)
	sending()
	<-start
	for done := false; err == nil && !done; {
		if done, err = s.carryOn(l, content, over); err == nil && !done {
			l, err = s.resume()
		}
	}
	return err
}

// carryOn sends more of the upload, and reports whether that was all of it.
func (s *soaker) carryOn(l *line, content []byte, over <-chan struct{}) (done bool, err error) {
	err = s.trickle(l, content, over)
	select {
	case <-over:
		if err == nil {
			err = s.finish(l, content)
		}
		done = err == nil
	default:
		if err == nil {
			err = s.breakOff(l)
		}
	}
	if errors.Is(err, errOvertaken) && s.late < mostLate {
		s.late++
		err = l.Close()
	}
	return done, err
}

func (s *soaker) begin(content []byte) (*line, error) {
	l, err := s.dial()
	if err != nil {
		return nil, err
	}
	created, err := l.ask("POST", "/files/", fmt.Sprintf("Upload-Length: %d\r\nUpload-Metadata: filename %s\r\n", soakLength, base64.StdEncoding.EncodeToString([]byte(s.name))))
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	if s.path = created.Header.Get("Location"); created.StatusCode != 201 {
		return nil, fmt.Errorf("creation: %s", created.Status)
	}
	if l, err = s.resume(); err != nil {
		return nil, err
	}
	return l, s.send(l, content, 1)
}

// resume asks how much the server has, and begins to send the rest.
func (s *soaker) resume() (*line, error) {
	l, err := s.dial()
	if err != nil {
		return nil, err
	}
	head, err := l.ask("HEAD", s.path, "")
	if err != nil {
		return nil, fmt.Errorf("HEAD: %w", err)
	}
	l.at, err = strconv.Atoi(head.Header.Get("Upload-Offset"))
	if err != nil || head.StatusCode != 200 || l.at < s.told || l.at > s.sent {
		return nil, fmt.Errorf("HEAD: %s, offset %q; it has told %d and was sent %d", head.Status, head.Header.Get("Upload-Offset"), s.told, s.sent)
	}
	s.told = l.at
	return l, l.request("PATCH", s.path, fmt.Sprintf("Upload-Offset: %d\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n", l.at, soakLength-l.at))
}

// trickle sends some of the rest, slowly.
func (s *soaker) trickle(l *line, content []byte, over <-chan struct{}) error {
	for range 1 + s.rng.IntN(8) {
		select {
		case <-over:
			return nil
		case <-time.After(time.Duration(100+s.rng.IntN(800)) * time.Millisecond):
		}
		if err := s.send(l, content, 1+s.rng.IntN((soakLength-l.at)/64+1)); err != nil {
			return err
		}
	}
	return nil
}

func (s *soaker) send(l *line, content []byte, n int) error {
	n = min(n, soakLength-l.at)
	_, err := l.Write(content[l.at : l.at+n])
	l.at += n
	s.sent = max(s.sent, l.at)
	if err != nil {
		_, why := l.verdict()
		err = cmp.Or(why, err)
	}
	return err
}

// breakOff ends the request in one of the ways in which connections end.
func (s *soaker) breakOff(l *line) error {
	s.breaks++
	switch s.rng.IntN(4) {
	case 0: // reset
		return errors.Join(l.SetLinger(0), l.Close())
	case 1: // closed
		return l.Close()
	case 2: // half closed: the client waits for an answer still
		_ = l.CloseWrite()
		if _, err := l.answer("PATCH"); errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		return l.Close()
	}
	// Half dead: nobody is there, and the server does not know.
	s.hangUp()
	s.hung = l
	return nil
}

// finish sends all of the rest.
func (s *soaker) finish(l *line, content []byte) error {
	if err := s.send(l, content, soakLength); err != nil {
		return err
	}
	done, err := l.verdict()
	if err != nil {
		return err
	}
	if offset := done.Header.Get("Upload-Offset"); done.StatusCode != 204 || offset != strconv.Itoa(soakLength) {
		return fmt.Errorf("the last PATCH: %s, offset %s", done.Status, offset)
	}
	return l.Close()
}

// unlocked returns an error if somebody holds the lock of the upload still.
func (s *soaker) unlocked() error {
	l, err := s.dial()
	if err != nil {
		return err
	}
	head, err := l.ask("HEAD", s.path, "")
	if err == nil && (head.StatusCode != 200 || head.Header.Get("Upload-Offset") != strconv.Itoa(soakLength)) {
		err = fmt.Errorf("HEAD: %s, offset %s", head.Status, head.Header.Get("Upload-Offset"))
	}
	return errors.Join(err, l.Close())
}

// hangUp closes the last connection that was left half dead.
func (s *soaker) hangUp() {
	if s.hung != nil {
		_ = s.hung.Close()
	}
}

// line is a connection to the server.
type line struct {
	*net.TCPConn
	in *bufio.Reader
	at int // offset of what is sent next
}

func (s *soaker) dial() (*line, error) {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return nil, err
	}
	return &line{TCPConn: conn.(*net.TCPConn), in: bufio.NewReaderSize(conn, 1<<10)}, nil
}

func (l *line) request(method, path, headers string) error {
	_ = l.SetDeadline(time.Now().Add(soakPatience))
	_, err := fmt.Fprintf(l, "%s %s HTTP/1.1\r\nHost: soak\r\nTus-Resumable: 1.0.0\r\n%s\r\n", method, path, headers)
	return err
}

// answer reads an answer and throws its body away.
func (l *line) answer(method string) (*http.Response, error) {
	_ = l.SetDeadline(time.Now().Add(soakPatience))
	resp, err := http.ReadResponse(l.in, &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp, errors.Join(err, resp.Body.Close())
}

func (l *line) ask(method, path, headers string) (*http.Response, error) {
	if method == http.MethodPost {
		headers += "Content-Length: 0\r\n"
	}
	if err := l.request(method, path, headers); err != nil {
		return nil, err
	}
	return l.answer(method)
}

// errOvertaken means that an earlier request has the upload or had it meanwhile: on
// a busy machine the server comes to it only after the HEAD that should have ended
// it. Any tus client then asks again.
var errOvertaken = errors.New("overtaken")

// mostLate is more than how often that happens to one client.
const mostLate = 20

// verdict reads the answer to a PATCH that was not broken off.
func (l *line) verdict() (*http.Response, error) {
	resp, err := l.answer("PATCH")
	switch {
	case errors.Is(err, syscall.ECONNRESET): // it was on its way
		return nil, errOvertaken
	case err == nil && (resp.StatusCode == 409 || resp.StatusCode == 400):
		return nil, errOvertaken
	}
	return resp, err
}
