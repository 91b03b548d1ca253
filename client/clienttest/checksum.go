package clienttest

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"net/http"
	"strings"
)

const checksumHeader = "Upload-Checksum"

// checked takes in bodies and refuses those that do not have their checksum.
func (s *Server) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			w = &announcer{w, s.Checksum}
		}
		_, trailer := r.Trailer[checksumHeader]
		if r.Header.Get(checksumHeader) == "" && !trailer {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // there is nobody to answer to any more
		}
		name, want, _ := strings.Cut(r.Header.Get(checksumHeader)+r.Trailer.Get(checksumHeader), " ")
		algorithm := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}[name]
		if algorithm == nil {
			http.Error(w, "unknown algorithm", http.StatusBadRequest)
			return
		}
		sum := algorithm()
		sum.Write(body)
		if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != want {
			http.Error(w, "checksum mismatch", 460)
			return
		}
		s.mu.Lock()
		s.checks++
		s.mu.Unlock()
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

// announcer adds what tusd does not do.
type announcer struct {
	http.ResponseWriter
	extension string
}

// Unwrap is for http.ResponseController.
func (a *announcer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *announcer) WriteHeader(status int) {
	header := a.Header()
	header.Set("Tus-Extension", header.Get("Tus-Extension")+","+a.extension)
	header.Set("Tus-Checksum-Algorithm", "sha1,sha256")
	a.ResponseWriter.WriteHeader(status)
}
