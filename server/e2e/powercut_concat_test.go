//go:build fuse

package e2e

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/powercut"
)

// assembly is one final upload and its parts. It is used by one client at a time.
type assembly struct {
	name    string
	content []byte
	parts   []*promise

	asked      bool   // the server may have heard of the final upload
	id         string // empty as long as nobody has been told of it
	settled    bool   // it must have become one file
	deleteSent bool
	deleted    bool // acknowledged
}

// addAssembly makes up a final upload of a few parts, some of them empty.
func (l *ledger) addAssembly(rng *rand.Rand) *assembly {
	a := &assembly{parts: make([]*promise, 1+rng.IntN(5))}
	start := rng.IntN(sourceSize / 2)
	end := start
	for i := range a.parts {
		size := rng.IntN(3000)
		switch rng.IntN(8) {
		case 0:
			size = 0
		case 1:
			size = rng.IntN(1 << 20)
		}
		a.parts[i] = &promise{name: fmt.Sprint("part ", i), content: l.source[end : end+size]}
		end += size
	}
	a.content = l.source[start:end]
	l.mu.Lock()
	defer l.mu.Unlock()
	a.name = fmt.Sprintf("%d.joined", len(l.assemblies))
	l.assemblies = append(l.assemblies, a)
	return a
}

// assemblyShares deals the final uploads out to n clients.
func (l *ledger) assemblyShares(n int) [][]*assembly {
	hands := make([][]*assembly, n)
	for i, a := range l.assemblies {
		hands[i%n] = append(hands[i%n], a)
	}
	return hands
}

// sent reports whether the server may have all bytes of all parts.
func (a *assembly) sent() bool {
	return !slices.ContainsFunc(a.parts, func(p *promise) bool { return p.sent.Load() < int64(len(p.content)) })
}

// complete reports whether all bytes of all parts were acknowledged, and the
// final upload too.
func (a *assembly) complete() bool {
	return a.id != "" && a.missing() == nil
}

// missing returns a part that is not complete as far as is known.
func (a *assembly) missing() *promise {
	for _, p := range a.parts {
		if p.id == "" || !p.finished() {
			return p
		}
	}
	return nil
}

func (a *assembly) describe(err error) error {
	if err == nil || errors.Is(err, errCut) {
		return err
	}
	return fmt.Errorf("final upload %q (%s) of %d parts and %d bytes: %w", a.id, a.name, len(a.parts), len(a.content), err)
}

// assemble goes on with one of the final uploads of the client, or begins one.
func (c *client) assemble(l *ledger) error {
	if len(c.assemblies) == 0 || c.rng.IntN(5) == 0 {
		c.assemblies = append(c.assemblies, l.addAssembly(c.rng))
	}
	a := c.assemblies[c.rng.IntN(len(c.assemblies))]
	if a.deleteSent {
		return nil
	}
	for _, p := range a.parts {
		if p.id == "" {
			return a.describe(c.createPart(p, c.rng.IntN(2) == 0))
		}
	}
	p := a.missing()
	switch {
	case a.id == "" && (p == nil || c.rng.IntN(3) == 0), c.rng.IntN(10) == 0:
		return a.describe(c.join(a))
	case p != nil:
		size := c.someOf(int64(len(p.content)) - p.offset)
		return a.describe(c.patch(p, size, size, false))
	case c.rng.IntN(12) == 0:
		return a.describe(c.deleteJoined(a))
	}
	return a.describe(c.readJoined(a))
}

// createPart creates a partial upload, with its bytes or without.
func (c *client) createPart(p *promise, whole bool) error {
	header := map[string]string{"Upload-Concat": "partial", "Upload-Length": strconv.Itoa(len(p.content))}
	var body io.Reader
	size := int64(0)
	if whole && len(p.content) > 0 {
		size = int64(len(p.content))
		body = &sender{p: p, end: size, hangUpAt: size}
	}
	var err error
	result := c.do(http.MethodPost, c.endpoint, body, size, header, http.StatusCreated, func(h http.Header) {
		p.id = path.Base(h.Get("Location"))
		if body != nil {
			err = p.heard(h)
		}
	})
	if errors.Is(result, errCut) {
		p.sent.Store(0) // to an upload that nobody knows of
	}
	return p.describe(errors.Join(result, err))
}

// join asks for the final upload, also if it is there: that must not make another.
func (c *client) join(a *assembly) error {
	a.asked = true
	var refs []string
	for _, p := range a.parts {
		refs = append(refs, "/files/"+p.id)
	}
	header := map[string]string{
		"Upload-Concat":   "final;" + strings.Join(refs, " "),
		"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(a.name)),
	}
	var err error
	result := c.do(http.MethodPost, c.endpoint, nil, 0, header, http.StatusCreated, func(h http.Header) {
		id := path.Base(h.Get("Location"))
		if a.id != "" && a.id != id {
			err = fmt.Errorf("asked again it is %s", id)
		}
		a.id = id
	})
	return errors.Join(result, err)
}

// readJoined compares a final upload, or a piece of it, byte by byte.
func (c *client) readJoined(a *assembly) error {
	want, header, status := a.content, map[string]string(nil), http.StatusOK
	if len(want) > 0 && c.rng.IntN(2) == 0 {
		from := c.rng.IntN(len(want))
		want, status = want[from:from+c.rng.IntN(len(want)-from)+1], http.StatusPartialContent
		header = map[string]string{"Range": fmt.Sprintf("bytes=%d-%d", from, from+len(want)-1)}
	}
	got, _, _, err := c.ask(http.MethodGet, a.id, header, status)
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("GET: %d bytes that are not the ones that were sent", len(got))
	}
	return err
}

func (c *client) deleteJoined(a *assembly) error {
	a.deleteSent = true
	_, _, _, err := c.ask(http.MethodDelete, a.id, nil, http.StatusNoContent)
	a.deleted = err == nil
	return err
}

// ask sends a request that the server may answer with any of the statuses. An
// answer counts only while the power is on.
func (c *client) ask(method, id string, header map[string]string, statuses ...int) (body []byte, status int, h http.Header, err error) {
	req, err := http.NewRequest(method, c.endpoint+id, nil)
	if err != nil {
		return nil, 0, nil, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := c.http.Do(req)
	if err == nil {
		status, h = resp.StatusCode, resp.Header
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if !c.disk.Witness(func() {}) {
		return nil, 0, nil, errCut
	}
	if err == nil && !slices.Contains(statuses, status) {
		err = fmt.Errorf("%s, want %v: %s", resp.Status, statuses, body)
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", method, id, err)
	}
	return body, status, h, err
}

// checkAssemblies holds the server to what it promised of final uploads.
func (l *ledger) checkAssemblies(c *client) error {
	for _, a := range l.assemblies {
		if err := a.check(c); err != nil {
			return a.describe(err)
		}
	}
	return nil
}

func (a *assembly) check(c *client) error {
	if a.deleteSent {
		// It may have been deleted, or in part. Either way it is gone now.
		wants := []int{http.StatusNotFound}
		if !a.deleted {
			wants = append(wants, http.StatusNoContent)
		}
		_, _, _, err := c.ask(http.MethodDelete, a.id, nil, wants...)
		a.deleted = a.deleted || err == nil
		return err
	}
	for _, p := range a.parts {
		if err := a.checkPart(c, p); err != nil {
			return p.describe(err)
		}
	}
	if a.id != "" {
		if err := a.checkOffset(c); err != nil {
			return err
		}
	}
	if !a.asked {
		return nil
	}
	// Whether the answer was lost or not, asking again finds or makes the one.
	if err := c.join(a); err != nil || !a.complete() {
		return err
	}
	return c.readJoined(a)
}

// checkPart asks for a part. One that nobody finds has been folded.
func (a *assembly) checkPart(c *client, p *promise) error {
	if p.id == "" {
		return nil
	}
	_, status, h, err := c.ask(http.MethodHead, p.id, nil, http.StatusOK, http.StatusNotFound)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return p.heard(h)
	case !a.asked || !a.sent():
		return errors.New("a part is gone")
	}
	p.offset = int64(len(p.content))
	return nil
}

// checkOffset asks for the final upload. It has an offset when it is complete.
func (a *assembly) checkOffset(c *client) error {
	_, _, h, err := c.ask(http.MethodHead, a.id, nil, http.StatusOK)
	if err != nil {
		return err
	}
	_, told := h["Upload-Offset"]
	length := strconv.Itoa(len(a.content))
	switch {
	case h.Get("Upload-Length") != length:
		return fmt.Errorf("HEAD tells length %q", h.Get("Upload-Length"))
	case told != a.complete():
		return fmt.Errorf("HEAD tells offset %q; complete: %v", h.Get("Upload-Offset"), a.complete())
	case told && (h.Get("Upload-Offset") != length || h.Get("Upload-Digest") != digest(a.content)):
		return fmt.Errorf("HEAD tells offset %s and digest %s", h.Get("Upload-Offset"), h.Get("Upload-Digest"))
	}
	return nil
}

// completeAssemblies goes on with every final upload to its end, and waits until
// each is one file.
func (l *ledger) completeAssemblies(c *client) error {
	for _, a := range l.assemblies {
		if a.deleteSent {
			continue
		}
		if err := a.finish(c); err != nil {
			return a.describe(err)
		}
		a.settled = true
	}
	for deadline := time.Now().Add(cycleTimeout); ; time.Sleep(10 * time.Millisecond) {
		left, err := l.unfolded(c.disk)
		switch {
		case err != nil || left == "":
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("uploads/%s is not folded", left)
		}
	}
}

func (a *assembly) finish(c *client) error {
	for _, p := range a.parts {
		if p.id == "" {
			if err := c.createPart(p, true); err != nil {
				return err
			}
		}
		if size := int64(len(p.content)) - p.offset; size > 0 {
			if err := c.patch(p, size, size, false); err != nil {
				return err
			}
		}
	}
	if err := c.join(a); err != nil {
		return err
	}
	return c.readJoined(a)
}

// unfolded returns a file that should be part of another by now.
func (l *ledger) unfolded(disk *powercut.Disk) (string, error) {
	names, err := disk.ReadDir("data/uploads")
	if err != nil {
		return "", err
	}
	for _, a := range l.assemblies {
		if a.deleteSent {
			continue
		}
		gone := []string{a.id + ".data"}
		for _, p := range a.parts {
			gone = append(gone, p.id+".data", p.id+".log")
		}
		for _, name := range gone {
			if slices.Contains(names, name) {
				return name, nil
			}
		}
	}
	return "", nil
}

// checkJoined looks at what is left of the final uploads in files/, where found
// says how often each is: once when it has been folded, never when it is deleted.
func (l *ledger) checkJoined(found map[*assembly]int, disk *powercut.Disk) error {
	for _, a := range l.assemblies {
		least, most := 0, 0
		switch {
		case a.deleted:
		case a.settled:
			least, most = 1, 1
		case a.asked && a.sent():
			most = 1
		}
		if n := found[a]; n < least || n > most {
			return a.describe(fmt.Errorf("is %d times in files/, want %d to %d", n, least, most))
		}
		if !a.deleted {
			continue
		}
		for _, suffix := range []string{".data", ".log"} {
			if _, err := disk.ReadFile("data/uploads/" + a.id + suffix); !errors.Is(err, syscall.ENOENT) {
				return a.describe(fmt.Errorf("its %s is left over", suffix))
			}
		}
	}
	return nil
}

// findJoined returns the final upload that data is, by its name.
func (l *ledger) findJoined(name string, data []byte) *assembly {
	for _, a := range l.assemblies {
		if a.name == name && bytes.Equal(a.content, data) {
			return a
		}
	}
	return nil
}
