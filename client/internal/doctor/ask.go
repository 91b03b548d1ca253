package doctor

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// client speaks these protocols and follows nothing.
func (v *visit) client(protocols *http.Protocols) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, Protocols: protocols, TLSClientConfig: v.patient.TLS.Clone(),
			DialContext:           (&net.Dialer{Timeout: answerTime}).DialContext,
			ExpectContinueTimeout: leaveTime,
			MaxIdleConnsPerHost:   4,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// request is what is asked.
type request struct {
	method string
	url    *url.URL
	header http.Header
	body   io.Reader
	length int64 // of body
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte // the first of it
}

// fromTus reports whether a tus server answered, not something on the way.
func (a answer) fromTus() bool { return a.header.Get("Tus-Resumable") != "" }

func (a answer) offset() int64 {
	n, err := strconv.ParseInt(a.header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// ask sends r and waits for the answer. Credentials go to the endpoint's origin
// only.
func (v *visit) ask(ctx context.Context, c *http.Client, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), r.body)
	if err != nil {
		return answer{}, err
	}
	if r.method != http.MethodOptions {
		req.Header.Set("Tus-Resumable", "1.0.0")
	}
	maps.Copy(req.Header, r.header)
	if r.body != nil {
		req.ContentLength = r.length
	}
	if err := v.authorize(req); err != nil {
		return answer{}, err
	}
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	return answer{res.StatusCode, res.Header, body}, err
}

func (v *visit) authorize(req *http.Request) error {
	e := v.patient.Endpoint
	if req.URL.Scheme != e.Scheme || req.URL.Host != e.Host {
		return nil
	}
	maps.Copy(req.Header, v.patient.Header)
	switch {
	case e.User != nil:
		password, _ := e.User.Password()
		req.SetBasicAuth(e.User.Username(), password)
	case v.patient.Token != nil:
		token, err := v.patient.Token(req.Context())
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// create makes an upload of so many bytes and returns where it is.
func (v *visit) create(ctx context.Context, size int64) (*url.URL, answer, error) {
	a, err := v.ask(ctx, v.http1, request{method: http.MethodPost, url: v.endpoint(), header: http.Header{
		"Upload-Length":   {strconv.FormatInt(size, 10)},
		"Upload-Metadata": {"filename " + base64.StdEncoding.EncodeToString([]byte("longhaul-doctor"))},
	}})
	if err != nil {
		return nil, a, err
	}
	if a.status != http.StatusCreated {
		return nil, a, fmt.Errorf("an upload of %d bytes cannot be created: %s", size, a.says())
	}
	u, err := v.endpoint().Parse(a.header.Get("Location"))
	if err != nil || a.header.Get("Location") == "" {
		return nil, a, fmt.Errorf("the server created an upload and told no usable Location (%q)", a.header.Get("Location"))
	}
	v.made = append(v.made, u)
	return u, a, nil
}

// says is an answer in words.
func (a answer) says() string {
	text := fmt.Sprintf("the answer is %d %s", a.status, http.StatusText(a.status))
	if !a.fromTus() {
		text += ", not from a tus server"
	}
	return text
}

// endpoint is the patient's without credentials, which would go everywhere.
func (v *visit) endpoint() *url.URL {
	u := *v.patient.Endpoint
	u.User = nil
	return &u
}

// patch is the header of a PATCH at offset.
func patch(offset int64) http.Header {
	return http.Header{"Content-Type": {"application/offset+octet-stream"}, "Upload-Offset": {strconv.FormatInt(offset, 10)}}
}
