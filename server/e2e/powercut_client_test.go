//go:build fuse

package e2e

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"strconv"

	"github.com/longhaul-io/longhaul/server/internal/powercut"
)

var (
	// errCut ends what cannot go on because the power failed.
	errCut = errors.New("the power failed")
	// errHungUp ends a request that its client broke off.
	errHungUp = errors.New("hung up")
)

// client speaks tus to the server of a disk, and believes nothing that it hears
// after the power has failed. It is not safe for concurrent use.
type client struct {
	http     *http.Client
	endpoint string
	disk     *powercut.Disk
	rng      *rand.Rand

	assemblies []*assembly // that are this client's
}

// newClient returns a client of the server that runs; seed decides what it does.
func (b *bench) newClient(seed uint64) *client {
	return &client{
		http:     &http.Client{Transport: b.http, Timeout: cycleTimeout},
		endpoint: b.server.Endpoint,
		disk:     b.disk,
		rng:      rand.New(rand.NewPCG(b.seed, seed)),
	}
}

// do sends a request and returns the answer. If it was heard while the power was
// on, and has the wanted status, note is called, atomically with respect to the
// cut. If it is not the wanted one, that is an error: nothing but a cut and the
// client itself comes in between here.
func (c *client) do(method, url string, body io.Reader, size int64, header map[string]string, want int, note func(http.Header)) error {
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	if body != nil {
		req.ContentLength = size
		req.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := c.http.Do(req)
	if errors.Is(err, errHungUp) {
		return errHungUp
	}
	if err == nil {
		var text []byte
		text, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil && resp.StatusCode != want {
			err = fmt.Errorf("%w, want %d: %s", statusError(resp.StatusCode), want, text)
		}
	}
	if !c.disk.Witness(func() {
		if err == nil {
			note(resp.Header)
		}
	}) {
		return errCut
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// statusError is a status that was not wanted.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("%d %s", int(e), http.StatusText(int(e))) }

// upload begins uploads and goes on with the given ones until the power fails.
func (c *client) upload(l *ledger, mine []*promise) error {
	for {
		var err error
		switch p := pick(c.rng, mine); {
		case c.rng.IntN(4) == 0:
			err = c.assemble(l)
		case p == nil || c.rng.IntN(3) == 0:
			if p, err = c.begin(l); p != nil {
				mine = append(mine, p)
			}
		case p.gone():
		case p.finished() && c.rng.IntN(8) == 0, c.rng.IntN(20) == 0:
			err = c.remove(p)
		case p.finished():
			err = c.download(p)
		default:
			err = c.proceed(p)
		}
		if err != nil {
			return err
		}
	}
}

func pick(rng *rand.Rand, ps []*promise) *promise {
	if len(ps) == 0 {
		return nil
	}
	return ps[rng.IntN(len(ps))]
}

// begin creates an upload, with or without bytes, with or without a length, and
// with all that one may say of its digest.
func (c *client) begin(l *ledger) (*promise, error) {
	p := l.add(c.rng)
	header := map[string]string{"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(p.name))}
	if p.folder != "" {
		header["Upload-Metadata"] += ",relativePath " + base64.StdEncoding.EncodeToString([]byte(p.folder+p.name))
	}
	if p.deferred = c.rng.IntN(4) == 0; p.deferred {
		header["Upload-Defer-Length"] = "1"
	} else {
		header["Upload-Length"] = strconv.Itoa(len(p.content))
	}
	c.announce(p, header)
	var body io.Reader
	size := int64(0)
	if c.rng.IntN(2) == 0 {
		size = c.someOf(int64(len(p.content)))
		if p.wrong {
			size-- // for one that is rejected at once there is no URL
		}
		body = &sender{p: p, end: size, hangUpAt: size}
	}
	var err error
	result := c.do(http.MethodPost, c.endpoint, body, size, header, http.StatusCreated, func(h http.Header) {
		p.id = path.Base(h.Get("Location"))
		if body != nil {
			err = p.heard(h)
		}
		if p.offset != size {
			err = errors.Join(err, fmt.Errorf("created with %d bytes, but offset %d", size, p.offset))
		}
	})
	return p, p.describe(errors.Join(result, err))
}

// announce has the creation of p want or announce a SHA-256, now and then a wrong
// one. That of a growing upload is not known yet.
func (c *client) announce(p *promise, header map[string]string) {
	switch n := c.rng.IntN(8); {
	case n == 0:
		header["Want-Repr-Digest"] = "sha-256=5"
	case n == 1 && !p.deferred:
		header["Repr-Digest"] = sha256Digest(p.content)
	case n == 2 && !p.deferred:
		header["Repr-Digest"] = sha256Digest(p.content[1:])
		p.wrong = true
	default:
		return
	}
	p.sha256 = true
}

// proceed sends more of an upload, now and then hanging up in the middle, and
// closes a growing one when all of it is there. The source of a growing one may
// have lost some of its end since.
func (c *client) proceed(p *promise) error {
	if p.deferred && !p.toldLength && p.offset > 0 && p.sent.Load() > p.offset && c.rng.IntN(2) == 0 {
		p.endAt(p.offset + c.rng.Int64N(2)*c.rng.Int64N(int64(len(p.content))-p.offset+1))
	}
	left := int64(len(p.content)) - p.offset
	size := c.someOf(left)
	hangUpAt := size
	if size > 1 && c.rng.IntN(4) == 0 {
		hangUpAt = c.rng.Int64N(size)
	}
	if left > 0 && c.rng.IntN(6) == 0 {
		return c.sendWrong(p, size)
	}
	err := c.patch(p, size, hangUpAt, left == 0 || c.rng.IntN(8) == 0)
	if errors.Is(err, errHungUp) {
		return c.head(p)
	}
	return err
}

// sendWrong sends bytes that do not have the checksum that comes with them, and
// hears that they do not count.
func (c *client) sendWrong(p *promise, size int64) error {
	p.held = interval{}
	chunk := p.content[p.offset : p.offset+size]
	wrong := bytes.Clone(chunk)
	wrong[c.rng.IntN(len(wrong))] ^= 1
	header := map[string]string{"Upload-Offset": strconv.FormatInt(p.offset, 10), "Upload-Checksum": checksum(chunk)}
	const mismatch = 460
	result := c.do(http.MethodPatch, c.endpoint+p.id, bytes.NewReader(wrong), size, header, mismatch, func(http.Header) {})
	if result != nil {
		return p.describe(result)
	}
	before := p.offset
	if err := c.head(p); err != nil || p.offset == before {
		return err
	}
	return p.describe(fmt.Errorf("%d bytes count that were refused", p.offset-before))
}

func (c *client) patch(p *promise, size, hangUpAt int64, tellLength bool) error {
	header := map[string]string{"Upload-Offset": strconv.FormatInt(p.offset, 10)}
	p.held = interval{}
	if size > 0 && c.rng.IntN(4) == 0 {
		p.held = interval{p.offset, p.offset + size}
		header["Upload-Checksum"] = checksum(p.content[p.offset : p.offset+size])
	}
	tellLength = tellLength && p.deferred
	if tellLength {
		p.toldLength = true
		header["Upload-Length"] = strconv.Itoa(len(p.content))
	}
	if hangUpAt < size {
		// The server asks for the body when it has the upload's lock. If we hung
		// up before, it could be taken for the newer request than the next one.
		header["Expect"] = "100-continue"
	}
	want := p.offset + size
	var err error
	body := &sender{p: p, pos: p.offset, end: want, hangUpAt: p.offset + hangUpAt}
	if p.wrong && want == int64(len(p.content)) {
		result := c.do(http.MethodPatch, c.endpoint+p.id, body, size, header, http.StatusUnprocessableEntity, func(http.Header) { p.offset = want })
		return p.describe(result)
	}
	result := c.do(http.MethodPatch, c.endpoint+p.id, body, size, header, http.StatusNoContent, func(h http.Header) {
		if err = p.heard(h); err == nil && p.offset != want {
			err = fmt.Errorf("PATCH acknowledged %d bytes of %d", p.offset, want)
		}
		if tellLength {
			p.deferred = false
		}
	})
	return p.describe(errors.Join(result, err))
}

// someOf returns a size up to n: any, or all, or an odd few.
func (c *client) someOf(n int64) int64 {
	switch {
	case n == 0 || c.rng.IntN(3) == 0:
		return n
	case c.rng.IntN(3) == 0:
		return c.rng.Int64N(min(n, 600)) + 1
	default:
		return c.rng.Int64N(n) + 1
	}
}

// head asks how far an upload is. The answer is a promise like any other.
func (c *client) head(p *promise) error {
	var err error
	result := c.do(http.MethodHead, c.endpoint+p.id, nil, 0, nil, http.StatusOK, func(h http.Header) {
		if err = p.heard(h); err != nil {
			return
		}
		length := h.Get("Upload-Length")
		switch {
		case length == "" && (!p.deferred || h.Get("Upload-Defer-Length") != "1"):
			err = fmt.Errorf("HEAD tells no length")
		case length != "" && length != strconv.Itoa(len(p.content)):
			err = fmt.Errorf("HEAD tells length %s", length)
		case length != "" && p.deferred && !p.toldLength:
			err = fmt.Errorf("HEAD tells length %s that nobody declared", length)
		}
		p.deferred = length == ""
	})
	if errors.Is(result, statusError(http.StatusUnprocessableEntity)) && p.wrong && p.sent.Load() == int64(len(p.content)) {
		p.offset = p.sent.Load() // it has them all
		return nil
	}
	return p.describe(errors.Join(result, err))
}

func (c *client) remove(p *promise) error {
	p.deleteSent = true
	result := c.do(http.MethodDelete, c.endpoint+p.id, nil, 0, nil, http.StatusNoContent, func(http.Header) { p.deleted = true })
	return p.describe(result)
}

// download compares a finished file byte by byte. Of a rejected one there is none.
func (c *client) download(p *promise) error {
	resp, err := c.http.Get(c.endpoint + p.id)
	var got []byte
	if err == nil {
		got, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if !c.disk.Witness(func() {}) {
		return errCut
	}
	switch {
	case err != nil:
	case p.wrong && resp.StatusCode == http.StatusUnprocessableEntity:
	case resp.StatusCode != http.StatusOK:
		err = fmt.Errorf("GET: %s: %s", resp.Status, got)
	case !bytes.Equal(got, p.content):
		err = fmt.Errorf("GET: %d bytes that are not the ones that were sent", len(got))
	}
	return p.describe(err)
}

// sender reads the bytes of an upload from pos to end, keeps account of them and
// hangs up on the way if it is to.
type sender struct {
	p        *promise
	pos, end int64
	hangUpAt int64 // end: never
}

func (s *sender) Read(b []byte) (int, error) {
	stop := s.end
	if s.hangUpAt < s.end {
		if s.pos >= s.hangUpAt {
			return 0, errHungUp
		}
		stop = s.hangUpAt
	}
	if s.pos >= s.end {
		return 0, io.EOF
	}
	n := copy(b, s.p.content[s.pos:stop])
	s.pos += int64(n)
	s.p.sending(s.pos)
	return n, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the Upload-Checksum of data.
func checksum(data []byte) string {
	sum := sha1.Sum(data)
	return "sha1 " + base64.StdEncoding.EncodeToString(sum[:])
}

// digest is the Upload-Digest of the first n bytes.
func (p *promise) digest(n int64) string {
	field := digest(p.content[:n])
	if p.sha256 {
		field += ", " + sha256Digest(p.content[:n])
	}
	return field
}

// digest is the Upload-Digest of data whose SHA-256 nobody asked for.
func digest(data []byte) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, castagnoli))
	return "crc32c=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}

func sha256Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}
