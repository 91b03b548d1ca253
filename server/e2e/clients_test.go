package e2e

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/bdragon300/tusgo"
	tus "github.com/eventials/go-tus"
)

// noise returns n bytes that look random and are always the same.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// finished fails the test unless a finished file of this name holds want.
func (f *field) finished(name string, want []byte) {
	f.t.Helper()
	got, err := os.ReadFile(filepath.Join(f.dir, "data", "files", name))
	if err != nil || !bytes.Equal(got, want) {
		f.t.Errorf("%s has %d bytes, error %v; want the %d that were sent", name, len(got), err, len(want))
	}
}

// urlStore is a go-tus Store.
type urlStore map[string]string

func (s urlStore) Get(key string) (string, bool) { u, ok := s[key]; return u, ok }
func (s urlStore) Set(key, value string)         { s[key] = value }
func (s urlStore) Delete(key string)             { delete(s, key) }
func (s urlStore) Close()                        {}

// github.com/eventials/go-tus uploads, in requests of 1 MiB, also with POST for
// PATCH, and goes on where it stopped.
func TestGoTus(t *testing.T) {
	f := newField(t)
	content := noise(5<<20 + 17)
	for _, override := range []bool{false, true} {
		name := map[bool]string{false: "patch.bin", true: "override.bin"}[override]
		config := tus.DefaultConfig()
		config.ChunkSize, config.OverridePatchMethod, config.Resume, config.Store = 1<<20, override, true, urlStore{}
		client, err := tus.NewClient(f.server.Endpoint, config)
		if err != nil {
			t.Fatal(err)
		}
		upload := func() *tus.Upload {
			return tus.NewUpload(bytes.NewReader(content), int64(len(content)), tus.Metadata{"filename": name}, name)
		}
		first, err := client.CreateUpload(upload())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := first.UploadChunck(); err != nil {
				t.Fatal(err)
			}
		}
		rest, err := client.CreateOrResumeUpload(upload())
		if err != nil {
			t.Fatal(err)
		}
		if rest.Offset() != 2<<20 {
			t.Errorf("resumes at %d, want 2 MiB", rest.Offset())
		}
		if err := rest.Upload(); err != nil {
			t.Fatal(err)
		}
		f.finished(name, content)
	}
}

// github.com/bdragon300/tusgo uploads with checksums before and behind the bytes,
// with a deferred length, with data in the creation, and in parts.
func TestTusgo(t *testing.T) {
	f := newField(t)
	base, err := url.Parse(f.server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	client := tusgo.NewClient(http.DefaultClient, base)
	if _, err := client.UpdateCapabilities(); err != nil {
		t.Fatal(err)
	}
	for _, extension := range []string{"creation", "creation-with-upload", "creation-defer-length", "termination", "checksum", "checksum-trailer", "concatenation", "concatenation-unfinished", "expiration"} {
		if !slices.Contains(client.Capabilities.Extensions, extension) {
			t.Errorf("%s is not announced", extension)
		}
	}
	content := noise(3<<20 + 5)
	send := func(u *tusgo.Upload, content []byte, chunk int64, checksum string) {
		t.Helper()
		s := tusgo.NewUploadStream(client, u)
		s.ChunkSize = chunk
		if checksum != "" {
			s = s.WithChecksumAlgorithm(checksum)
		}
		if n, err := io.Copy(s, bytes.NewReader(content)); err != nil || n != int64(len(content)) {
			t.Fatalf("sent %d bytes: %v", n, err)
		}
	}
	create := func(size int64, partial bool, name string) *tusgo.Upload {
		t.Helper()
		u := new(tusgo.Upload)
		if _, err := client.CreateUpload(u, size, partial, map[string]string{"filename": name}); err != nil {
			t.Fatal(err)
		}
		return u
	}
	for name, c := range map[string]struct {
		chunk    int64
		checksum string
	}{
		"plain.bin": {1 << 20, ""}, "sha1.bin": {1 << 20, "sha1"}, "md5.bin": {1 << 20, "md5"}, "sha256.bin": {1 << 20, "sha256"},
		"streamed.bin": {tusgo.NoChunked, ""}, "trailer.bin": {tusgo.NoChunked, "sha1"},
	} {
		send(create(int64(len(content)), false, name), content, c.chunk, c.checksum)
		f.finished(name, content)
	}

	u := create(tusgo.SizeUnknown, false, "deferred.bin")
	u.RemoteSize = int64(len(content))
	s := tusgo.NewUploadStream(client, u)
	s.ChunkSize, s.SetUploadSize = 1<<20, true
	if _, err := io.Copy(s, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	f.finished("deferred.bin", content)

	u = new(tusgo.Upload)
	if n, _, err := client.CreateUploadWithData(u, content[:1<<20], int64(len(content)), false, map[string]string{"filename": "data.bin"}); err != nil || n != 1<<20 {
		t.Fatalf("creation with data: %d, %v", n, err)
	}
	send(u, content[1<<20:], 1<<20, "")
	f.finished("data.bin", content)

	parts := []tusgo.Upload{*create(1<<20, true, ""), *create(int64(len(content))-1<<20, true, "")}
	send(&parts[0], content[:1<<20], 1<<20, "")
	send(&parts[1], content[1<<20:], 1<<20, "sha1")
	final := new(tusgo.Upload)
	if _, err := client.ConcatenateUploads(final, parts, map[string]string{"filename": "parts.bin"}); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(base.ResolveReference(&url.URL{Path: final.Location}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the final upload has %d bytes, %v", len(got), err)
	}
	gone := create(5, false, "gone.bin")
	if _, err := client.DeleteUpload(*gone); err != nil {
		t.Error(err)
	}
	if _, err := client.GetUpload(new(tusgo.Upload), gone.Location); err == nil {
		t.Error("a deleted upload is still there")
	}
}
