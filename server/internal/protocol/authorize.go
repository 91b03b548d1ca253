package protocol

import (
	"errors"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"
)

// What [Authorize] answers with.
var (
	// ErrUnauthenticated is 401: nobody knows who sent the request.
	ErrUnauthenticated = unauthenticated()
	// ErrForbidden is 403: who sent it may not do this.
	ErrForbidden = handler.NewError("ERR_FORBIDDEN", "this is not allowed", http.StatusForbidden)
)

func unauthenticated() handler.Error {
	err := handler.NewError("ERR_UNAUTHENTICATED", "the request has no credentials, or they are not valid", http.StatusUnauthorized)
	err.HTTPResponse.Header = handler.HTTPHeader{"WWW-Authenticate": "Bearer"}
	return err
}

// Authorize asks may about each request under the base path, whatever comes of it
// later, and answers with its error: [ErrUnauthenticated], [ErrForbidden], or 500
// with any other. may gets no body. It is nil if everybody may.
//
// It must come after [Answer] and [Override], so that may sees the method that
// counts, and before everything that looks at uploads.
func Authorize(may func(*http.Request) error) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if may == nil {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !answerOf(r).ours || !refused(w, ask(may, r)) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// ask returns the answer of may in the words of a client.
func ask(may func(*http.Request) error, r *http.Request) error {
	bodiless := r.WithContext(r.Context())
	bodiless.Body = http.NoBody
	err := may(bodiless)
	for _, known := range []handler.Error{ErrUnauthenticated, ErrForbidden} {
		if errors.Is(err, known) {
			return known
		}
	}
	if err != nil {
		// Not its own status and words, if it has some: those are chosen here.
		return errors.New("authorizing: " + err.Error())
	}
	return nil
}
