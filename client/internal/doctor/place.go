package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
)

// place asks whether the Location of a new upload leads back to it.
func (v *visit) place(ctx context.Context) error {
	u, a, err := v.create(ctx, 1)
	if err != nil {
		v.tell(Finding{Level: Bad, Text: err.Error(), Cures: v.creationCures(a)})
		return errOver
	}
	e := v.endpoint()
	wrong := ""
	switch {
	case u.Scheme != e.Scheme:
		wrong = fmt.Sprintf("it leads from %s to %s", e.Scheme, u.Scheme)
	case u.Host != e.Host:
		wrong = fmt.Sprintf("it leads to another host, %s", u.Host)
	}
	head, err := v.ask(ctx, v.http1, request{method: http.MethodHead, url: u})
	if wrong == "" && (err != nil || head.status != http.StatusOK || head.offset() != 0) {
		wrong = fmt.Sprintf("%s does not know the upload", u)
	}
	if wrong == "" {
		v.tell(Finding{Text: "new uploads are where their Location says"})
		return nil
	}
	v.tell(Finding{Level: Bad, Text: fmt.Sprintf("the Location of new uploads is wrong: %s", wrong), Cures: []Cure{
		{"nginx", "proxy_set_header Host $http_host;"},
		{"nginx", "proxy_set_header X-Forwarded-Proto $scheme;"},
		{"Caddy", "it sends both by itself; remove header_up Host and header_up X-Forwarded-Proto"},
		{"server", "let it trust the proxy's headers, or tell it the address that people use"},
	}})
	return v.relocate(ctx, u)
}

// relocate finds out where uploads are in truth, so that the examination can go on.
func (v *visit) relocate(ctx context.Context, u *url.URL) error {
	home := v.home(u)
	head, err := v.ask(ctx, v.http1, request{method: http.MethodHead, url: home})
	if err != nil || head.status != http.StatusOK {
		return errOver
	}
	v.made[len(v.made)-1] = home
	return nil
}

// home is where the endpoint should have the upload at u.
func (v *visit) home(u *url.URL) *url.URL { return v.endpoint().JoinPath(path.Base(u.Path)) }

// upload makes an upload of so many bytes, and finds it also where its Location
// does not lead.
func (v *visit) upload(ctx context.Context, size int64) (*url.URL, error) {
	u, _, err := v.create(ctx, size)
	if err != nil {
		return nil, err
	}
	if e := v.endpoint(); u.Scheme != e.Scheme || u.Host != e.Host {
		u = v.home(u)
		v.made = slices.Replace(v.made, len(v.made)-1, len(v.made), u)
	}
	return u, nil
}

func (v *visit) creationCures(a answer) []Cure {
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return []Cure{{"longhaul", "--token-file FILE, or http://USER:PASSWORD@HOST/…"}}
	case a.status == http.StatusMethodNotAllowed && !a.fromTus():
		return []Cure{{"proxy", "let OPTIONS, HEAD, POST, PATCH, GET and DELETE through"}}
	}
	return nil
}
