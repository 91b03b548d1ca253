// Package client sends files to a tus 1.0.0 server and never sends a byte twice.
//
//	c, err := client.New("https://example.org/files/", client.Config{})
//	if err != nil { … }
//	defer c.Close()
//	result, err := c.Upload(ctx, client.File("film.mov"), client.Options{})
//
// # What Upload does
//
//  1. It opens the source and claims its resume record (internal/resume).
//  2. Without a record it creates an upload (create.go); a file of up to 64 KiB
//     goes along, where the server announces that (abilities.go). With one it asks the
//     server how much it holds (request.go), proves that these bytes are a prefix
//     of the source (prove.go, ends.go), and refuses to go on if they are not.
//  3. It sends the rest in one streaming PATCH (patch.go, body.go), or in several
//     where something on the way refuses large ones (limit.go). Each byte goes
//     through a CRC-32C on its way (internal/trail).
//  4. When anything breaks it waits, asks again and goes on from the server's
//     offset (retry.go). It gives up only after Config.Patience without progress.
//  5. At the end it compares the server's digest of the whole with its own, if
//     the server tells one, and keeps the record, so that the same push later
//     finds the file already there.
//
// The server's Upload-Offset is the only truth about what is stored. The record
// survives the death of the process; a later Upload of the same file to the same
// endpoint, from any process, continues.
//
// # Sources
//
// File is the one to prefer: it is what can be proven to be unchanged. ReaderAt
// is anything of known size that can be read at any offset. Reader is a stream of
// unknown length: it goes in requests of what was read meanwhile, at most half of
// its window of 16 MiB (stream.go), and ends with the length being declared.
//
// # Parts
//
// With Options.Parallel, or where packets get lost (loss.go), a source goes in
// several partial uploads at the same time, each a push of its own (parts.go),
// which the server then joins (join.go). The record keeps all of them, so that the
// parts go on, too, and the join is asked for again where its answer was lost.
//
// # A growing file
//
// Options.Append sends what the file has now and leaves the upload open; pushing
// again sends only the growth. Options.Finish sends what is missing and declares
// the length, after which the upload is complete. Options.Follow waits for the
// growth (follow.go).
//
// # The way back
//
// Download fetches a finished upload into a file that appears as a whole or not
// at all (download.go, fetch.go, part.go), under a name that leads nowhere else
// (place.go, name.go), and compares the digests that the server tells (sums.go).
//
// # Words and errors
//
// The vocabulary is that of github.com/eventials/go-tus: Metadata, ChunkSize,
// HttpClient, Store, and its error values, which errors.Is finds in the errors
// returned here. Every request goes through its Client.Do.
//
// # Digests
//
// A server that adds "Upload-Digest: crc32c=:BASE64:" (RFC 9530 syntax) to an
// answer that carries Upload-Offset tells the CRC-32C of the bytes it holds. The
// client compares each one with the source. Against other servers it relies on
// the sums in its own record. Config.SHA256 compares that of the whole, too, at the
// end (whole.go): a creation asks for it by Want-Repr-Digest, and answers tell it as
// "sha-256=:BASE64:" in Upload-Digest or Repr-Digest. Config.Checksum makes requests carry a checksum of
// their own (checksum.go), by which a server notices damage before it stores it.
package client
