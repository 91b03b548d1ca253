package client

import (
	"context"
	"time"

	tus "github.com/eventials/go-tus"
)

// Options says how one source is sent. The zero value sends it as a whole.
type Options struct {
	// Metadata goes to the server with the creation. "filename" and "filetype"
	// are derived from a file's name unless they are set here, also to "".
	Metadata tus.Metadata
	// Append sends what the source has when Upload is called and leaves the
	// upload open. Later calls with Append or Finish send only the growth.
	Append bool
	// Finish sends what is missing and completes an upload that Append left open.
	// It wins over Append. Where there is no such upload it changes nothing.
	Finish bool
	// Follow goes on when all is sent, as the file grows. It needs Append or
	// Finish. nil sends what there is.
	Follow *Follow
	// Restart gives up an unfinished upload that cannot be continued because the
	// source changed: the old upload is deleted if the server allows it, and a
	// new one begins. Otherwise that is a SourceChangedError.
	Restart bool
	// Parallel sends a File or ReaderAt in so many parts at the same time, each
	// over a connection of its own, which the server then joins (tus 1.0.0,
	// Concatenation). That is faster where packets get lost, or the way is so long
	// that one connection does not fill it; elsewhere it is not. A part has 1 MiB
	// at least. 0 and 1 send the source as one, and so does everything that may
	// grow, a Reader, and any source to a server without the extension, which is a
	// Notice. An upload that was begun goes on as it is.
	//
	// AutoParallel sends a source of 16 MiB or more in 8 parts if what went to the
	// endpoint in the last 24 hours, from this client or from any that shares its
	// StateDir, got lost: a request of 1 MiB or more of which one byte in 200, and 8
	// packets, had to be sent again (as TCP counts them, on Linux), or an upload of
	// which three connections broke or stalled. That is decided before the upload
	// begins, since what went as one cannot become a part; the first upload over a
	// bad way therefore goes as one, unless others have gone before. Where the server
	// lacks the extension, so does every one, and that is no Notice.
	Parallel int
	// Notify is told what happens, one event at a time, from goroutines of
	// Upload, which waits for it to return. nil tells nobody.
	Notify func(Event)
}

func (o Options) leavesOpen() bool { return o.Append && !o.Finish }

// Result says what became of an upload. Beside an error it tells how far the
// upload came.
type Result struct {
	URL          string        // of the upload; empty if none was created
	Parts        []string      // URLs of the partial uploads that are not joined yet (Options.Parallel)
	Size         int64         // of the source when Upload was called, in bytes; of a Reader, as far as it was read
	Offset       int64         // bytes that the server has acknowledged
	Sent         int64         // by how many of them this call moved the offset
	Open         bool          // the upload waits for more (Options.Append)
	AlreadyThere bool          // nothing had to be sent
	Verified     bool          // the server told a digest of all Offset bytes, and it is the source's
	SHA256       []byte        // of all Offset bytes, there and here; nil if it was not compared (Config.SHA256)
	Elapsed      time.Duration // of the call
}

// Event is a step of an upload.
type Event struct {
	Kind   EventKind
	URL    string        // of the upload; empty before it is created
	Offset int64         // Progress: bytes received by the server's machine as far as known; Verifying: bytes compared; else acknowledged
	Stored int64         // bytes that the server has acknowledged
	Size   int64         // of the source, in bytes, or -1 as long as a Reader, or what is followed, has not ended; Verifying: of what is to be compared
	Wait   time.Duration // Retrying: until the next attempt
	Err    error         // Retrying: what failed; Notice: what was noticed
}

// EventKind tells events apart.
type EventKind int

// The kinds of events.
const (
	Started   EventKind = iota // an upload was created
	Resumed                    // an earlier upload goes on from Offset
	Verifying                  // the source is reread to prove that it is what the server holds
	Progress                   // ten times a second while bytes move, and whenever Stored changed
	Retrying                   // something failed and is tried again after Wait
	Notice                     // something that the user may want to know; the upload goes on
)

// Upload sends source and returns when the server has acknowledged all of it, or
// when that failed for good. It continues an earlier upload of the same file to
// the same endpoint if there is one.
//
// Ending ctx makes Upload return at once; the upload can be continued. Errors
// are *SourceChangedError, ErrLeftOpen, ErrLengthFixed, ErrDigestMismatch,
// ErrRecords, ErrBusy, ErrNoSize, ErrCannotRepeat, *TemporaryError, *ResponseError, *NotTusError, *UnsupportedError,
// the error of ctx, or that of the source; look at them through errors.Is and As.
func (c *Client) Upload(ctx context.Context, source Source, options Options) (Result, error) {
	p, err := c.begin(source, options)
	if err != nil {
		return Result{}, err
	}
	err = p.run(ctx)
	return p.end(err, ctx.Err() != nil)
}
