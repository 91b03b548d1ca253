package server_test

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/longhaul-io/longhaul/server"
)

// Only who knows a token may upload, read and delete.
func ExampleConfig() {
	dir, err := os.MkdirTemp("", "longhaul-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	want := sha256.Sum256([]byte("a token of 128 random bits or more"))
	srv, err := server.New(server.Config{
		DataDir: dir,
		Log:     slog.New(slog.DiscardHandler),
		Authorize: func(r *http.Request) error {
			scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			// Of equal length and compared in constant time, so that the time it takes
			// tells nothing of the token.
			got := sha256.Sum256([]byte(token))
			if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				return server.ErrUnauthenticated
			}
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	ts := httptest.NewServer(srv.Handler())
	defer ts.Close()

	for _, token := range []string{"a guess", "a token of 128 random bits or more"} {
		req, _ := http.NewRequest(http.MethodPost, ts.URL+"/files/", nil)
		req.Header = http.Header{"Authorization": {"Bearer " + token}, "Tus-Resumable": {"1.0.0"}, "Upload-Length": {"0"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.Status, resp.Header.Get("WWW-Authenticate"))
	}
	// Output:
	// 401 Unauthorized Bearer
	// 201 Created
}
