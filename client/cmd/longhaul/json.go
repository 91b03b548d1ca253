package main

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/longhaul-io/longhaul/client"
)

// jsonHelp documents the events of --json.
const jsonHelp = `With --json each event is one line of JSON on standard output:

  time      when, UTC, RFC 3339
  event     started   the upload was created
            resumed   an earlier one goes on from offset
            verifying offset of size bytes were compared with what is there
            progress  offset of size bytes have arrived; about ten times a second
            retrying  error happened; the next attempt is in wait seconds
            notice    something worth knowing is in error
            stored    the server has the file; sent bytes were sent now
            received  pull: the file is here; received bytes came now
            failed    error says why, hint what to do, code is as the exit codes
            end       the last line: files in all, stored of them, sent bytes
                      in all, and code, which is the exit code
  path      the file; in pathBase64 instead where its name is not UTF-8
  url       of the upload, once there is one
  offset, size, sent, received
            bytes; size is left out while it is not known
  open      true where an upload was left open for more
  verified  true where the server told a digest of all bytes and it is right
  sha256    of all bytes, hexadecimal, where it was compared with the server's

New events and keys may come; ignore those that you do not know.`

// jsonEvent is one line of --json; jsonHelp documents it.
type jsonEvent struct {
	Time  string `json:"time"`
	Event string `json:"event"`
	jsonPath
	URL      string   `json:"url,omitempty"`
	Offset   *int64   `json:"offset,omitempty"`
	Size     *int64   `json:"size,omitempty"`
	Sent     *int64   `json:"sent,omitempty"`
	Received *int64   `json:"received,omitempty"`
	Open     bool     `json:"open,omitempty"`
	Verified bool     `json:"verified,omitempty"`
	SHA256   string   `json:"sha256,omitempty"`
	Wait     *float64 `json:"wait,omitempty"`
	Error    string   `json:"error,omitempty"`
	Hint     string   `json:"hint,omitempty"`
	Files    *int     `json:"files,omitempty"`
	Stored   *int     `json:"stored,omitempty"`
	Code     *int     `json:"code,omitempty"`
}

// jsonPath is a file's path; JSON has no strings for those that are not UTF-8.
type jsonPath struct {
	Path       string `json:"path,omitempty"`
	PathBase64 string `json:"pathBase64,omitempty"`
}

func pathOf(path string) jsonPath {
	if utf8.ValidString(path) {
		return jsonPath{Path: path}
	}
	return jsonPath{PathBase64: base64.StdEncoding.EncodeToString([]byte(path))}
}

// kinds are the names of the library's events.
var kinds = map[client.EventKind]string{
	client.Started: "started", client.Resumed: "resumed", client.Verifying: "verifying",
	client.Progress: "progress", client.Retrying: "retrying", client.Notice: "notice",
}

// jsonOf is an event of the library as a line.
func jsonOf(path string, e client.Event) jsonEvent {
	line := jsonEvent{Event: kinds[e.Kind], jsonPath: pathOf(path), URL: e.URL, Offset: &e.Offset}
	if e.Size >= 0 {
		line.Size = &e.Size
	}
	if e.Kind == client.Retrying {
		wait := e.Wait.Seconds()
		line.Wait = &wait
	}
	if e.Err != nil {
		line.Error = short(e.Err)
	}
	return line
}
