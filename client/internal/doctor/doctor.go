// Package doctor walks the way to a tus server as uploads do, through whatever
// proxies stand between, and says what would hurt them.
//
// [Examine] asks one question after the other, each in a file of its own:
//
//	reach.go     does a tus server answer, and is its clock right
//	place.go     does the Location of a new upload lead back to it
//	stream.go    do bytes arrive while a request is still being sent
//	cap.go       how large may a request be
//	back.go      do downloads come in ranges
//	page.go      may pages of other origins upload
//	http2.go     is HTTP/2 slower than HTTP/1.1
//
// It creates uploads of a few megabytes at most and deletes them again.
package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Patient is what is examined.
type Patient struct {
	// Endpoint takes uploads, e.g. "https://example.org/files/".
	Endpoint *url.URL
	// Token returns what goes as bearer authorization to the endpoint's origin.
	// nil sends none; a user in Endpoint is sent as basic authorization.
	Token func(context.Context) (string, error)
	// Header goes with every request to the endpoint's origin, too.
	Header http.Header
	// Origin is that of pages that shall upload, e.g. "https://app.example". Empty
	// means that there need be none.
	Origin string
	// TLS is nil for Go's default.
	TLS *tls.Config
}

// Level says how bad a finding is.
type Level int

// The levels.
const (
	Good Level = iota
	Note       // worth knowing; hurts some
	Bad        // hurts
)

// Finding is the answer to one question.
type Finding struct {
	Level Level
	Text  string
	Cures []Cure
}

// Cure is a line to change.
type Cure struct {
	Where string // e.g. "nginx"
	Line  string
}

const (
	// answerTime is how long an answer may take.
	answerTime = 15 * time.Second
	// mebi is the unit of sizes here.
	mebi = 1 << 20
)

// visit is one examination.
type visit struct {
	patient  Patient
	http1    *http.Client
	tell     func(Finding)
	about    http.Header   // of the answer to OPTIONS
	trip     time.Duration // there and back
	finished *url.URL      // an upload that is complete; nil if none could be
	made     []*url.URL    // what is to be deleted
}

// errOver ends an examination that cannot go on; why was told.
var errOver = errors.New("the examination is over")

// Examine asks all questions and tells each answer as it comes. The error is that
// of ctx.
func Examine(ctx context.Context, patient Patient, tell func(Finding)) error {
	v := &visit{patient: patient, tell: tell}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	v.http1 = v.client(&protocols)
	defer v.http1.CloseIdleConnections()
	defer v.clean(ctx)
	for _, question := range []func(context.Context) error{
		v.reach, v.clock, v.place, v.stream, v.cap, v.back, v.page, v.http2,
	} {
		err := question(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errOver) {
			return nil
		}
		if err != nil {
			v.tell(Finding{Level: Bad, Text: err.Error()})
		}
	}
	return nil
}

// clean deletes what was made.
func (v *visit) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	for _, u := range v.made {
		// What cannot be deleted expires.
		_, _ = v.ask(ctx, v.http1, request{method: http.MethodDelete, url: u})
	}
}
