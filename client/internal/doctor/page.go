package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What a page must be allowed to send and to read (Fetch standard, CORS protocol).
var (
	pageMethods = []string{"POST", "HEAD", "PATCH", "DELETE"}
	pageSends   = []string{"tus-resumable", "upload-length", "upload-metadata", "upload-offset", "content-type"}
	pageReads   = []string{"location", "upload-offset", "upload-length", "tus-resumable"}
)

// page asks whether pages of other origins may upload.
func (v *visit) page(ctx context.Context) error {
	origin := v.patient.Origin
	if origin == "" {
		origin = "https://app.example"
	}
	lacks, err := v.crossOrigin(ctx, origin)
	if err != nil {
		return err
	}
	cures := []Cure{
		{"longhauld", "--cors-origin " + origin},
		{"nginx", "remove add_header and proxy_hide_header of Access-Control-… here: the server answers itself"},
		{"Caddy", "remove header and header_down of Access-Control-… here: the server answers itself"},
	}
	switch {
	case len(lacks) == 0:
		v.tell(Finding{Text: "pages of " + origin + " may upload"})
	case v.patient.Origin == "" && slices.Equal(lacks, []string{"Access-Control-Allow-Origin"}):
		v.tell(Finding{Level: Note, Text: "pages of other origins may not upload; --origin URL asks about one that shall", Cures: cures[:1]})
	default:
		v.tell(Finding{Level: Bad, Text: fmt.Sprintf("pages of %s cannot upload: the answers lack %s", origin, strings.Join(lacks, ", ")), Cures: cures})
	}
	return nil
}

// crossOrigin returns what the answers to a page lack.
func (v *visit) crossOrigin(ctx context.Context, origin string) (lacks []string, err error) {
	preflight, err := v.ask(ctx, v.http1, request{method: http.MethodOptions, url: v.endpoint(), header: http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {"PATCH"}, "Access-Control-Request-Headers": {strings.Join(pageSends, ",")},
	}})
	if err != nil {
		return nil, err
	}
	if !allows(preflight.header, origin) {
		return []string{"Access-Control-Allow-Origin"}, nil
	}
	lacks = append(lacks, missing(preflight.header, "Access-Control-Allow-Methods", pageMethods)...)
	lacks = append(lacks, missing(preflight.header, "Access-Control-Allow-Headers", pageSends)...)
	answer, err := v.ask(ctx, v.http1, request{method: http.MethodHead, url: v.made[0], header: http.Header{"Origin": {origin}}})
	if err != nil {
		return nil, err
	}
	if !allows(answer.header, origin) {
		return append(lacks, "Access-Control-Allow-Origin on HEAD"), nil
	}
	return append(lacks, missing(answer.header, "Access-Control-Expose-Headers", pageReads)...), nil
}

func allows(header http.Header, origin string) bool {
	values := header.Values("Access-Control-Allow-Origin")
	return len(values) == 1 && (values[0] == "*" || values[0] == origin)
}

// missing returns which words the lists of a header lack.
func missing(header http.Header, name string, words []string) (lacks []string) {
	all := strings.ToLower(strings.Join(header.Values(name), ","))
	var has []string
	for word := range strings.SplitSeq(all, ",") {
		has = append(has, strings.TrimSpace(word))
	}
	for _, word := range words {
		if !slices.Contains(has, strings.ToLower(word)) && !slices.Contains(has, "*") {
			lacks = append(lacks, name+": "+word)
		}
	}
	return lacks
}
