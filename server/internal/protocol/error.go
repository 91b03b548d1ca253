package protocol

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/edge"
)

// version is the only version of the protocol that this server speaks.
const version = "1.0.0"

// codeInternal is the code of what clients can do nothing about. Its sentence is
// always the same: what was wrong is in the log.
const codeInternal = "ERR_INTERNAL_SERVER_ERROR"

// WriteError answers with err: the status, the headers and the words of a
// handler.Error, which [Answer] then brings into shape. Any other error is 500; its
// words are for the log.
func WriteError(w http.ResponseWriter, err error) {
	var known handler.Error
	if !errors.As(err, &known) {
		known = handler.NewError(codeInternal, err.Error(), http.StatusInternalServerError)
	}
	for key, value := range known.HTTPResponse.Header {
		w.Header().Set(key, value)
	}
	w.WriteHeader(known.HTTPResponse.StatusCode)
	// A client that is gone cannot be told so.
	_, _ = io.WriteString(w, known.HTTPResponse.Body)
}

// refused answers with err if there is one, and reports whether there is.
func refused(w http.ResponseWriter, err error) bool {
	if err == nil {
		return false
	}
	WriteError(w, err)
	return true
}

// failure is an error in the one shape that all errors have: as text,
//
//	ERR_CODE: sentence
//
// or, when the request's Accept names it, as application/problem+json (RFC 9457)
// with the members title, status, detail, code and request, the request's id.
type failure struct {
	status   int
	code     string
	sentence string
}

// failure is the error that is withheld. Words that are not a code and a sentence
// were not chosen for clients: the status speaks for them.
func (a *answer) failure() failure {
	code, sentence, found := strings.Cut(strings.TrimSpace(a.words.String()), ": ")
	switch {
	case !found || !strings.HasPrefix(code, "ERR_"):
		name := http.StatusText(a.status)
		code, sentence = "ERR_"+strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(name)), strings.ToLower(name)
		if a.status == http.StatusInternalServerError {
			code = codeInternal
		}
	case strings.Contains(sentence, "\n"):
		sentence, _, _ = strings.Cut(sentence, "\n")
	}
	if code == codeInternal {
		sentence = "the server could not do this; its log says why"
	}
	return failure{a.status, code, sentence}
}

func (f failure) writeTo(w http.ResponseWriter, r *http.Request) {
	body, contentType := []byte(f.code+": "+f.sentence+"\n"), "text/plain; charset=utf-8"
	if wantsProblem(r.Header.Values("Accept")) {
		body, contentType = f.problem(r), "application/problem+json"
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	if f.status == http.StatusPreconditionFailed {
		h.Set("Tus-Version", version)
	}
	w.WriteHeader(f.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func (f failure) problem(r *http.Request) []byte {
	body, err := json.Marshal(struct {
		Title   string `json:"title"`
		Status  int    `json:"status"`
		Detail  string `json:"detail"`
		Code    string `json:"code"`
		Request string `json:"request,omitempty"`
	}{http.StatusText(f.status), f.status, f.sentence, f.code, edge.RequestIDOf(r.Context())})
	if err != nil {
		panic(err) // of strings and a number
	}
	return append(body, '\n')
}

// wantsProblem reports whether accept names JSON. A client that takes anything
// gets the text that tus clients know.
func wantsProblem(accept []string) bool {
	for _, list := range accept {
		for item := range strings.SplitSeq(list, ",") {
			kind, params, err := mime.ParseMediaType(item)
			if err != nil || strings.Trim(params["q"], "0.") == "" && params["q"] != "" {
				continue
			}
			if kind == "application/problem+json" || kind == "application/json" {
				return true
			}
		}
	}
	return false
}
