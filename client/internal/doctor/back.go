package doctor

import (
	"context"
	"fmt"
	"net/http"
)

// back asks whether a download can go on in the middle.
func (v *visit) back(ctx context.Context) error {
	if v.finished == nil {
		return nil
	}
	a, err := v.ask(ctx, v.http1, request{method: http.MethodGet, url: v.finished, header: http.Header{"Range": {"bytes=100-199"}, "Accept-Encoding": {"identity"}}})
	switch {
	case err != nil:
		return fmt.Errorf("downloads do not work: %w", err)
	case a.status == http.StatusPartialContent && len(a.body) == 100:
		v.tell(Finding{Text: "downloads come in ranges, so they can be resumed"})
	case a.status == http.StatusOK:
		v.tell(Finding{Level: Bad, Text: "downloads come as a whole only: one that breaks off begins anew", Cures: []Cure{
			{"nginx", "proxy_set_header Range $http_range;"},
			{"nginx", "proxy_set_header If-Range $http_if_range;"},
			{"Caddy", "remove header_up -Range, and encode for this path"},
		}})
	default:
		v.tell(Finding{Level: Note, Text: fmt.Sprintf("uploads cannot be downloaded again: %s", a.says())})
	}
	return nil
}
