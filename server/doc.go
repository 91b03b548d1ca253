// Package server is the Longhaul server: resumable uploads by tus 1.0.0 that
// lose nothing once acknowledged. [New] builds it, [Server.Serve] runs it on a
// listener, [Server.Handler] mounts it elsewhere.
//
// # A PATCH, from socket to disk
//
//  1. routes.go routes the request to the uploads. On the way internal/edge names
//     it and finds out where it comes from, and internal/protocol waits for its
//     answer, to give it one shape (answer.go) and to log it (accesslog.go).
//  2. internal/protocol settles what it is: the method it stands for
//     (override.go), whether it may be done (authorize.go), whether it is as tus
//     has it (strict.go) and not too large (limit.go), what its body has to be
//     (checksum.go), and for a creation what its file has to be (digests.go). In
//     between, internal/takeover gives it a body that a later request can interrupt.
//  3. tus.go mounts tusd's handler, which locks the upload (internal/takeover).
//     internal/protocol/guard.go compares it with the request, and tusd's handler
//     hands the body to the store.
//  4. internal/filestore/appender.go copies the body: source, file, digests. Bytes
//     that come fast take pipeline.go to the disk, the others trickle.go.
//  5. internal/durable puts the data on disk; internal/filestore/commit.go then
//     appends the line to the record that makes it count.
//  6. With the last byte internal/publish gives the file its own name.
//  7. internal/protocol/describe.go adds digest and expiry to the answer, and
//     tusd's handler answers 204 with the new Upload-Offset.
//
// Partial uploads go the same way but for the name. A POST with Upload-Concat:
// final goes to internal/concat, which has the store note down the parts
// (filestore/concat.go). They are read as one from then on (parts.go), and made
// into one file beside the requests (fold.go).
//
// A GET goes to internal/download instead, which takes no lock. What is not
// under the base path is the page, package web.
//
// # Promises
//
// Upload-Offset: N in any answer means that N bytes, and the record that says
// so, survive a power cut; 201 means that the upload does, unless Config.Durability
// is "off". One process works in a data directory at a time.
package server
