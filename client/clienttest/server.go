package clienttest

import (
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// Base is the path of the endpoint on a Server.
const Base = "/files/"

// Server is a tusd of the stock kind as an http.Handler. It counts what it is
// asked and keeps its uploads in Dir.
type Server struct {
	// Dir holds the bytes of each upload in a file named after its id.
	Dir string
	// Digests adds Upload-Digest to each answer with Upload-Offset: the CRC-32C, and
	// the SHA-256 of uploads whose creation wants a Repr-Digest. TellDigests sets it
	// while the server runs.
	Digests bool
	// Checksum is the extension that is announced and held: "checksum",
	// "checksum-trailer", which takes both forms, or empty for none.
	Checksum string

	tus http.Handler

	mu       sync.Mutex
	requests map[string]int
	received int64
	wanted   map[string]bool // ids of uploads whose SHA-256 is wanted
	checks   int
	answer   func(http.ResponseWriter, *http.Request) bool
}

// NewServer returns a server that takes uploads of at most maxSize bytes, or of
// any size if maxSize is 0.
func NewServer(t testing.TB, maxSize int64) *Server {
	t.Helper()
	dir := t.TempDir()
	composer := handler.NewStoreComposer()
	filestore.New(dir).UseIn(composer)
	memorylocker.New().UseIn(composer)
	tus, err := handler.NewHandler(handler.Config{
		BasePath: Base, StoreComposer: composer, MaxSize: maxSize,
		GracefulRequestCompletionTimeout: time.Millisecond, // its goroutines linger for so long
		Logger:                           slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Server{Dir: dir, tus: http.StripPrefix(Base, tus), requests: map[string]int{}, wanted: map[string]bool{}}
}

// Answer makes f see each request first; if it returns true it has answered.
func (s *Server) Answer(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// TellDigests sets Digests.
func (s *Server) TellDigests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Digests = true
}

// Requests returns how many requests with method came so far.
func (s *Server) Requests(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[method]
}

// Received returns how many bytes came in bodies so far.
func (s *Server) Received() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// Checked returns how many bodies came with their checksum so far.
func (s *Server) Checked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checks
}

// Stored returns the paths of what was uploaded, finished or not.
func (s *Server) Stored(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".info" {
			paths = append(paths, filepath.Join(s.Dir, e.Name()))
		}
	}
	return paths
}

// PathOf returns where the bytes of the upload at url are.
func (s *Server) PathOf(url string) string { return filepath.Join(s.Dir, path.Base(url)) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests[r.Method]++
	answer, digests := s.answer, s.Digests
	s.mu.Unlock()
	r.Body = &countingBody{r.Body, s}
	if answer != nil && answer(w, r) {
		return
	}
	if !strings.HasPrefix(r.URL.Path, Base) {
		http.Error(w, "nothing here", http.StatusNotFound)
		return
	}
	if digests {
		w = &digester{ResponseWriter: w, server: s, id: path.Base(r.URL.Path), wanted: r.Header.Get("Want-Repr-Digest") != ""}
	}
	next := s.tus
	if s.Checksum != "" {
		next = s.checked(next)
	}
	next.ServeHTTP(w, r)
}

type countingBody struct {
	io.ReadCloser
	server *Server
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.server.mu.Lock()
	b.server.received += int64(n)
	b.server.mu.Unlock()
	return n, err
}

// digester adds the digest when the header is about to be sent.
type digester struct {
	http.ResponseWriter
	server *Server
	id     string
	wanted bool // this creation wants a Repr-Digest
}

// Unwrap is for http.ResponseController.
func (d *digester) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (d *digester) WriteHeader(status int) {
	header := d.Header()
	if location := header.Get("Location"); location != "" {
		d.id = path.Base(location)
		d.server.mu.Lock()
		d.server.wanted[d.id] = d.wanted
		d.server.mu.Unlock()
		if header.Get("Upload-Offset") == "" {
			header.Set("Upload-Offset", "0")
		}
	}
	offset, err := strconv.ParseInt(header.Get("Upload-Offset"), 10, 64)
	if err == nil && status < 300 {
		header.Set("Upload-Digest", d.digest(offset))
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d *digester) digest(offset int64) string {
	f, err := os.Open(filepath.Join(d.server.Dir, d.id))
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	crc, sha := crc32.New(crc32.MakeTable(crc32.Castagnoli)), sha256.New()
	if _, err := io.CopyN(io.MultiWriter(crc, sha), f, offset); err != nil {
		return err.Error()
	}
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	if !d.server.wanted[d.id] {
		return trail.FormatDigest(crc.Sum32())
	}
	return trail.FormatDigest(crc.Sum32()) + ", sha-256=:" + base64.StdEncoding.EncodeToString(sha.Sum(nil)) + ":"
}
