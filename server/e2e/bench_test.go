//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// README.md says how to run these, and what they said.

// One PATCH of a gibibyte.
func BenchmarkLargePatch(b *testing.B) {
	contest(b, once(), func(c *contestant) sample {
		const size = 1 << 30
		u := c.create(size)
		cpu, started := c.cpu(), time.Now()
		s := c.patch(u, 0, size)
		s.write(size)
		s.answer(http.StatusNoContent)
		took := time.Since(started)
		cpu = c.cpu() - cpu
		s.Close()
		c.remove(u)
		return sample{"cpu-s/GiB": cpu.Seconds(), "s/GiB": took.Seconds()}
	})
}

// Small files, each created with its bytes, from many clients at once. None is
// removed: ext4 passes over the inodes of files that were removed a short time ago
// one by one, which then is most of what both servers do.
func BenchmarkSmallUploads(b *testing.B) {
	const (
		workers = 32
		each    = 60
		size    = 10 << 10
	)
	for _, durability := range []string{"on", "off"} {
		b.Run("durability="+durability, func(b *testing.B) {
			contest(b, once("--durability", durability), func(c *contestant) sample {
				client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
				defer client.CloseIdleConnections()
				var all sync.WaitGroup
				cpu, started := c.cpu(), time.Now()
				for w := range workers {
					all.Go(func() {
						for i := range each {
							if _, err := c.post(client, size, block[:size], fmt.Sprintf("%d-%d.bin", w, i), ""); err != nil {
								c.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				took := time.Since(started)
				return sample{
					"ms/upload":     took.Seconds() * 1000 / (workers * each),
					"cpu-ms/upload": (c.cpu() - cpu).Seconds() * 1000 / (workers * each),
					"MiB":           float64(c.memory()) / (1 << 20),
				}
			})
		})
	}
}

// A client comes back while its old connection is half dead: open, and silent.
func BenchmarkTakeover(b *testing.B) {
	contest(b, once(), func(c *contestant) sample {
		const size = 1 << 20
		u := c.create(size)
		old := c.patch(u, 0, size)
		old.write(size / 2)
		started := time.Now()
		offset := c.offset(u)
		s := c.patch(u, offset, size-offset)
		s.write(size - offset)
		s.answer(http.StatusNoContent)
		took := time.Since(started)
		old.Close()
		s.Close()
		c.remove(u)
		return sample{"ms": took.Seconds() * 1000}
	})
}

// Uploads over slow links: open all the time, a few bytes now and then, and again
// when the links broke.
func BenchmarkSlowUploads(b *testing.B) {
	const (
		uploads = 1000
		size    = 4 << 20
		breaks  = 2
	)
	contest(b, func(b *testing.B) [2]*contestant { return bothServers(b) }, func(c *contestant) sample {
		for range uploads / 10 {
			c.remove(c.create(1))
		}
		before := c.memory()
		urls := make([]string, uploads)
		for i := range urls {
			urls[i] = c.create(size)
		}
		s := make(sample)
		for n := range breaks + 1 {
			end := c.slowly(urls, size)
			s[fmt.Sprintf("KiB/upload-%d", n+1)] = float64(c.memory()-before) / uploads / 1024
			end()
		}
		return s
	})
}

// slowly goes on with all uploads, a little each second, until end is called.
func (c *contestant) slowly(urls []string, size int64) (end func()) {
	c.Helper()
	streams := make([]*stream, len(urls))
	for i, u := range urls {
		offset := c.offset(u)
		streams[i] = c.patch(u, offset, size-offset)
	}
	for range 4 {
		for _, s := range streams {
			s.write(2 << 10)
		}
		time.Sleep(time.Second) // what makes them slow
	}
	return func() {
		for _, s := range streams {
			s.Close()
		}
	}
}

// block is what is sent, again and again. It is not all zeros, which some disks
// need not store.
var block = bytes.Repeat([]byte("longhaul"), 1<<17)

// stream is the body of a PATCH.
type stream struct {
	*contestant
	net.Conn
	from *bufio.Reader
}

// patch begins a PATCH of size bytes at offset on a connection of its own, and
// returns when the server wants the bytes. It speaks HTTP by hand, so that less
// of the machine goes into sending.
func (c *contestant) patch(u string, offset, size int64) *stream {
	c.Helper()
	target, err := url.Parse(u)
	if err != nil {
		c.Fatal(err)
	}
	conn, err := net.Dial("tcp", c.Addr)
	if err != nil {
		c.Fatal(err)
	}
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		target.Path, c.Addr, offset, size)
	s := &stream{c, conn, bufio.NewReader(conn)}
	s.answer(http.StatusContinue)
	return s
}

func (s *stream) write(size int64) {
	s.Helper()
	for size > 0 {
		n, err := s.Write(block[:min(size, int64(len(block)))])
		if err != nil {
			s.Fatal(err)
		}
		size -= int64(n)
	}
}

func (s *stream) answer(want int) {
	s.Helper()
	resp, err := http.ReadResponse(s.from, nil)
	if err != nil {
		s.Fatal(err)
	}
	if resp.StatusCode != want {
		s.Fatalf("PATCH: %s, want %d", resp.Status, want)
	}
}

// create creates an upload of size bytes and returns its URL.
func (c *contestant) create(size int64) string {
	c.Helper()
	u, err := c.post(http.DefaultClient, size, nil, "large.bin", "")
	if err != nil {
		c.Fatal(err)
	}
	return u
}

// post creates an upload of size bytes, if not negative, that begin with body.
func (c *contestant) post(client *http.Client, size int64, body []byte, name, concat string) (string, error) {
	header := http.Header{"Upload-Metadata": {"filename " + base64.StdEncoding.EncodeToString([]byte(name))}}
	if size >= 0 {
		header.Set("Upload-Length", strconv.FormatInt(size, 10))
	}
	if concat != "" {
		header.Set("Upload-Concat", concat)
	}
	if body != nil {
		header.Set("Content-Type", "application/offset+octet-stream")
	}
	answer, err := request(client, http.MethodPost, c.Endpoint, body, header, http.StatusCreated)
	if err != nil {
		return "", err
	}
	// Ours is relative.
	location, err := url.Parse(answer.Get("Location"))
	if err != nil {
		return "", err
	}
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil {
		return "", err
	}
	return endpoint.ResolveReference(location).String(), nil
}

func (c *contestant) offset(u string) int64 {
	c.Helper()
	answer, err := request(http.DefaultClient, http.MethodHead, u, nil, nil, http.StatusOK)
	offset, parseErr := strconv.ParseInt(answer.Get("Upload-Offset"), 10, 64)
	if err := errors.Join(err, parseErr); err != nil {
		c.Fatal(err)
	}
	return offset
}

func (c *contestant) remove(u string) {
	c.Helper()
	if _, err := request(http.DefaultClient, http.MethodDelete, u, nil, nil, http.StatusNoContent); err != nil {
		c.Fatal(err)
	}
}

func request(client *http.Client, method, url string, body []byte, header http.Header, want int) (http.Header, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s: %s, want %d: %s", method, resp.Status, want, text)
	}
	return resp.Header, errors.Join(err, resp.Body.Close())
}

// Four parts of 128 MiB become one file. The disk's peak is in multiples of that
// file.
func BenchmarkConcatenation(b *testing.B) {
	const parts, size = 4, 128 << 20
	contest(b, once(), func(c *contestant) sample {
		final := "final;"
		for range parts {
			u, err := c.post(http.DefaultClient, size, nil, "part.bin", "partial")
			if err != nil {
				c.Fatal(err)
			}
			s := c.patch(u, 0, size)
			s.write(size)
			s.answer(http.StatusNoContent)
			s.Close()
			final += u + " "
		}
		stop, peak := make(chan struct{}), make(chan int64)
		go func() { peak <- c.watchDisk(stop) }()
		started := time.Now()
		u, err := c.post(http.DefaultClient, -1, nil, "whole.bin", strings.TrimSpace(final))
		if err != nil {
			c.Fatal(err)
		}
		took := time.Since(started)
		time.Sleep(2 * time.Second) // for what goes on in the background
		close(stop)
		disk := float64(<-peak) / (parts * size)
		c.remove(u)
		for p := range strings.FieldsSeq(strings.TrimPrefix(final, "final;")) {
			// One of the two servers has removed it.
			_, _ = request(http.DefaultClient, http.MethodDelete, p, nil, nil, http.StatusNoContent)
		}
		return sample{"ms": took.Seconds() * 1000, "disk": disk}
	})
}

// watchDisk returns the most bytes that the server's files had on the disk until
// stop was closed.
func (c *contestant) watchDisk(stop <-chan struct{}) (peak int64) {
	for {
		var now int64
		_ = filepath.WalkDir(c.data, func(_ string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				if info, err := entry.Info(); err == nil {
					now += info.Sys().(*syscall.Stat_t).Blocks * 512
				}
			}
			return nil // a file may go while it is looked at
		})
		peak = max(peak, now)
		select {
		case <-stop:
			return peak
		case <-time.After(5 * time.Millisecond):
		}
	}
}
