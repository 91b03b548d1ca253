package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// skewMost is how far clocks may be apart.
const skewMost = 10 * time.Second

// reach asks whether a tus server answers at all.
func (v *visit) reach(ctx context.Context) error {
	for range 3 {
		began := time.Now()
		a, err := v.ask(ctx, v.http1, request{method: http.MethodOptions, url: v.endpoint()})
		if err != nil {
			v.tell(Finding{Level: Bad, Text: fmt.Sprintf("%s cannot be reached: %v", v.endpoint(), err)})
			return errOver
		}
		if took := time.Since(began); v.about == nil || took < v.trip {
			v.trip = took
		}
		if !v.isTus(a) {
			return errOver
		}
		v.about = a.header
	}
	v.tell(Finding{Text: fmt.Sprintf("a tus server answers, %d ms away: %s", max(1, v.trip.Milliseconds()), list(v.about.Get("Tus-Extension")))})
	return nil
}

func (v *visit) isTus(a answer) bool {
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusProxyAuthRequired:
		v.tell(Finding{Level: Bad, Text: fmt.Sprintf("the server lets nobody in without credentials (%d)", a.status), Cures: []Cure{
			{"longhaul", "--token-file FILE, or http://USER:PASSWORD@HOST/…"},
		}})
	case a.header.Get("Tus-Version") == "":
		v.tell(Finding{Level: Bad, Text: fmt.Sprintf("no tus server answers there: OPTIONS gives %d without Tus-Version", a.status), Cures: []Cure{
			{"URL", "it is that of the endpoint, e.g. https://example.org/files/"},
			{"proxy", "let OPTIONS, HEAD, POST, PATCH, GET and DELETE through"},
		}})
	case !strings.Contains(a.header.Get("Tus-Extension"), "creation"):
		v.tell(Finding{Level: Bad, Text: "the server creates no uploads: Tus-Extension lacks creation"})
	default:
		return true
	}
	return false
}

func list(value string) string {
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return strings.Join(names, ", ")
}

// clock compares the server's with ours.
func (v *visit) clock(context.Context) error {
	date, err := http.ParseTime(v.about.Get("Date"))
	if err != nil {
		v.tell(Finding{Level: Note, Text: "the server tells no time (Date)"})
		return nil
	}
	skew := time.Until(date).Round(time.Second)
	how := "ahead of"
	if skew < 0 {
		skew, how = -skew, "behind"
	}
	if skew <= skewMost {
		v.tell(Finding{Text: "its clock is right"})
		return nil
	}
	by := fmt.Sprintf("%d s", int(skew.Seconds()))
	if skew >= 2*time.Minute {
		by = fmt.Sprintf("%d min", int(skew.Round(time.Minute).Minutes()))
	}
	v.tell(Finding{Level: Note, Text: fmt.Sprintf("the server's clock is %s %s this machine's: what it says of expiry is off by that", by, how), Cures: []Cure{
		{"the machine whose clock is wrong", "timedatectl set-ntp true"},
	}})
	return nil
}
