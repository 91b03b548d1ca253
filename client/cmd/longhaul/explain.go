package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
)

// usageError is a command that cannot be carried out as it was typed.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }

// failure is an error in words for the user.
type failure struct {
	text, hint string
	code       int
	everywhere bool // other files will fail in the same way
	begun      bool // the server has something of the file
}

// Error lets a command end with a failure.
func (f *failure) Error() string { return f.text }

// explainer puts errors into words for the user.
type explainer struct {
	endpoint *url.URL // that the command is about
	again    string   // the command that goes on
}

// explain puts the error of pushing the file at path into words.
func (x *explainer) explain(err error, path string, result client.Result) *failure {
	f := x.explainOf(err, calling(path), result)
	if path == standardInput {
		onceOnly(f)
	}
	return f
}

// explainOf is explain for what may be named so.
func (x *explainer) explainOf(err error, path string, result client.Result) *failure {
	var usage *usageError
	switch {
	case errors.Is(err, context.Canceled):
		return x.explainInterrupt(path, result)
	case errors.As(err, &usage): // of a token file that is read anew
		return &failure{text: usage.text, hint: usage.hint, code: exitFailed, everywhere: true}
	}
	for _, explain := range []func(error, string) *failure{x.explainFile, x.explainChange, x.explainServer} {
		if f := explain(err, path); f != nil {
			return f
		}
	}
	var network *url.Error
	if errors.As(err, &network) {
		return &failure{text: fmt.Sprintf("cannot reach %s: %s", x.endpoint.Redacted(), short(err)), code: exitFailed, everywhere: true,
			hint: "is the server running, and is the URL right?"}
	}
	return &failure{text: path + ": " + short(err), hint: "run the same command again: " + x.again, code: exitFailed}
}

// onceOnly makes f true of standard input, with which no command can go on.
func onceOnly(f *failure) {
	if f.code == exitTemporary || f.code == exitInterrupted {
		f.hint = "what was read cannot be read again; from a file it can"
	}
	if f.code == exitTemporary {
		f.code = exitFailed
	}
}

func (x *explainer) explainInterrupt(path string, result client.Result) *failure {
	text := "nothing of " + path + " was sent"
	if result.URL != "" || len(result.Parts) > 0 {
		text = fmt.Sprintf("the server has %s of the %s of %s", amount(result.Offset), amount(result.Size), path)
	}
	return &failure{text: text, hint: "to go on: " + x.again, code: exitInterrupted, begun: result.Offset > 0}
}

// explainFile knows what can be wrong with a file.
func (x *explainer) explainFile(err error, path string) *failure {
	f := &failure{code: exitFailed}
	var failed *fs.PathError
	switch {
	case errors.Is(err, errDirectory):
		f.text, f.hint = path+" is a directory", "add --recursive to send the files below it"
	case errors.Is(err, errNotRegular):
		f.text, f.hint = path+" is no regular file", "write what it yields into a file and push that"
	case errors.Is(err, client.ErrNoSize):
		f.text, f.hint = path+" has content, but no size", "it can be sent as it is read: longhaul push --meta "+quote([]string{"filename=" + filepath.Base(path)})+" - URL <"+quote([]string{path})
	case errors.Is(err, errLoop):
		f.text, f.hint = path+" leads back to a directory that it is in", "nothing is missing for that; leave --follow-symlinks out, or remove the link"
	case errors.Is(err, client.ErrRecords) && !errors.Is(err, fs.ErrPermission):
		f.text, f.hint = cause(err), "$XDG_STATE_HOME names another place for them"
		f.everywhere = true
	case missing(err):
		f.text, f.hint = path+" does not exist", "check the name, and the directory that you are in"
	case errors.Is(err, fs.ErrPermission):
		f.text, f.hint = "no permission to read "+path, "let your user read it"
		if errors.As(err, &failed) && failed.Path != path {
			f.text, f.hint = fmt.Sprintf("no permission for %s", failed.Path), "resume records are kept there; $XDG_STATE_HOME names another place"
		}
	case errors.Is(err, client.ErrBusy):
		f.text, f.hint = path+" is being pushed to this server by another process", "wait for it, or stop it"
	default:
		return nil
	}
	return f
}

// cause is an error with the file that it is about.
func cause(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return fmt.Sprintf("%s: %s: %s", client.ErrRecords, failed.Path, failed.Err)
	}
	return err.Error()
}

// explainChange knows the ways in which a file and its upload do not fit.
func (x *explainer) explainChange(err error, path string) *failure {
	var changed *client.SourceChangedError
	switch {
	case errors.As(err, &changed):
		return &failure{text: path + " changed: " + changed.Reason, code: exitChanged,
			hint: "nothing was sent after that was noticed; to give the earlier upload up and begin anew: --on-change restart, with --append if the file goes on growing"}
	case errors.Is(err, client.ErrLeftOpen):
		return &failure{text: "the upload of " + path + " was left open for more", code: exitUsage,
			hint: "add --append to send the growth, or --finish to send it and complete the upload"}
	case errors.Is(err, client.ErrLengthFixed):
		return &failure{text: "the unfinished upload of " + path + " has a fixed length, nothing can be appended", code: exitUsage,
			hint: "push without --append to complete it as it was; if it has grown, add --on-change restart to begin anew"}
	case errors.Is(err, client.ErrCannotRepeat):
		return &failure{text: path + ": the server no longer has the beginning of it", code: exitFailed,
			hint: "what was read cannot be read again; from a file it can"}
	case errors.Is(err, client.ErrDigestMismatch):
		return &failure{text: path + ": the server stored other bytes than were sent", code: exitFailed,
			hint: "something between here and there damages data; the next push sends the file anew"}
	}
	return nil
}

// explainServer knows what servers answer, and that they may not.
func (x *explainer) explainServer(err error, path string) *failure {
	var wrong *client.NotTusError
	var lacks *client.UnsupportedError
	var answer *client.ResponseError
	var temporary *client.TemporaryError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &wrong):
		return x.explainNotTus(wrong)
	case errors.As(err, &lacks):
		return x.explainUnsupported(lacks, path)
	case errors.As(err, &temporary):
		return x.explainTemporary(temporary, path)
	case errors.As(err, &answer):
		return x.explainAnswer(answer, path)
	case errors.Is(err, http.ErrSchemeMismatch):
		plain := *x.endpoint
		plain.Scheme = "http"
		return &failure{text: x.endpoint.Redacted() + " speaks http, not https", hint: "did you mean " + plain.Redacted() + "?", code: exitFailed, everywhere: true}
	case errors.As(err, &certificate):
		return &failure{text: fmt.Sprintf("%s cannot prove who it is: %s", x.endpoint.Host, certificate.Err), code: exitFailed, everywhere: true,
			hint: "if the certificate is one of your own, name the file of its authority: --cacert FILE"}
	case refusesUs(err):
		return &failure{text: fmt.Sprintf("%s ends the handshake: %s", x.endpoint.Host, short(err)), code: exitFailed, everywhere: true,
			hint: "it may want a certificate of yours, or another one: --cert FILE --key FILE"}
	}
	return nil
}

// refusesUs reports whether a server refused the certificate that it got, or
// wants one.
func refusesUs(err error) bool {
	var op *net.OpError // crypto/tls has no type of its own for alerts of the other side
	return errors.As(err, &op) && op.Op == "remote error"
}

func (x *explainer) explainUnsupported(e *client.UnsupportedError, path string) *failure {
	f := &failure{text: e.Error(), hint: "push without --append", code: exitFailed, everywhere: true}
	switch {
	case strings.HasPrefix(e.Extension, "checksum"):
		f.hint = "push without --checksum"
	case path == calling(standardInput):
		f.hint, f.everywhere = "it wants to know the length: write what comes into a file and push that", false
	}
	return f
}

func (x *explainer) explainNotTus(e *client.NotTusError) *failure {
	kind := e.ContentType
	if kind == "" {
		kind = "without content"
	}
	f := &failure{code: exitFailed, everywhere: true,
		text: fmt.Sprintf("%s is no tus server: it answered %d, %s", x.endpoint.Redacted(), e.Status, kind),
		hint: "check the URL; a tus server takes uploads at a path such as /files/"}
	switch {
	case e.Location != "":
		f.hint = "it points to " + e.Location + "; push there if you trust it"
	case strings.Trim(x.endpoint.Path, "/") == "":
		f.hint = "did you mean " + x.endpoint.JoinPath("files/").Redacted() + "?"
	}
	return f
}

func (x *explainer) explainTemporary(e *client.TemporaryError, path string) *failure {
	if !e.Contact {
		return &failure{text: fmt.Sprintf("cannot reach %s: %s", x.endpoint.Redacted(), short(e)), code: exitFailed, everywhere: true,
			hint: "is the server running, and is the URL right?"}
	}
	return &failure{text: fmt.Sprintf("%s: gave up for now: %s", path, short(e)), code: exitTemporary, everywhere: true,
		hint: "to go on: " + x.again}
}

func (x *explainer) explainAnswer(e *client.ResponseError, path string) *failure {
	f := &failure{text: path + ": " + short(e), code: exitFailed, hint: "ask who runs the server"}
	switch {
	case e.Status == 401 || e.Status == 403 || e.Status == 407:
		f.hint, f.everywhere = "the server wants other credentials: --token-file FILE, $LONGHAUL_TOKEN, or http://USER:PASSWORD@HOST/… send some", true
	case errors.Is(e, tus.ErrLargeUpload) && e.MaxSize > 0:
		f.text, f.hint = path+" is too large for the server", fmt.Sprintf("it takes files of up to %s", amount(e.MaxSize))
	case e.Code == "ERR_MAX_SIZE_EXCEEDED":
		f.text, f.hint = path+" is too large for the server", "what the server has is kept; ask who runs it for its limit"
	case errors.Is(e, tus.ErrLargeUpload) && e.Method == "PATCH":
		f.text, f.hint = path+": a request was too large for something on the way", "send smaller ones, e.g. --chunk-size 64MiB"
	case errors.Is(e, tus.ErrLargeUpload):
		f.text, f.hint = path+" is too large for the server", "it does not tell its limit"
	case e.Status == 507:
		f.text, f.code, f.hint = path+": the server is out of space", exitTemporary, "when it has some, to go on: "+x.again
	}
	return f
}

// short is an error in a few words, without what the user knows anyway.
func short(err error) string {
	var answer *client.ResponseError
	var number syscall.Errno
	var name *net.DNSError
	var record tls.RecordHeaderError
	var network *url.Error
	switch {
	case errors.As(err, &answer):
		text := fmt.Sprintf("the server answered %d", answer.Status)
		if answer.Message != "" {
			text += ", " + answer.Message
		}
		return text
	case errors.Is(err, client.ErrStalled):
		return "no byte moved for too long"
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &name):
		return "cannot find " + name.Name
	case errors.As(err, &record):
		return "the server does not speak TLS; is it http://?"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed):
		return "connection closed"
	case errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.As(err, &network):
		return network.Err.Error()
	}
	return err.Error()
}
