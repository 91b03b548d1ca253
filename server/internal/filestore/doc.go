// Package filestore keeps uploads in files so that whatever was acknowledged
// survives a power cut. It implements tusd's handler.DataStore.
//
// # Layout
//
// An upload called ID is two files in the directory uploads/:
//
//	ID.log   its record: a log of lines, none of which ever changes
//	ID.data  its bytes, from the first on
//
// Each line of a record is eight hexadecimal digits, a space, a JSON object and
// a newline. The digits are the CRC-32C of the JSON, so that a torn line is
// known for one. The first line is the creation: what the uploader said and what
// never changes. Each further line is a commit: what the disk holds from now on.
// The last whole line wins; a creation is written together with its first commit.
//
// While an upload is removed that is not published, ID.removed is another name of
// its data, unless the disk is too full for it. What a start can make nothing of is moved to quarantine/, under the
// same names, and nothing there is ever removed.
//
// The record of a partial upload says so in its creation; it is never published.
// That of a final one has the ids of its parts there. Its ID.data is at first
// another name of its first part's, and its commits say how many parts make up
// the bytes that count in it. Which parts belong to which final upload is known in
// memory (claims.go), and made from these records at start.
//
// # Invariants
//
//  1. When a commit line with offset N is on disk, the first N bytes of ID.data
//     are: data is synced before the line is written, and the line is synced
//     before anybody is told N.
//  2. Bytes past the last commit do not count. They are cut off before the next
//     write, and before a length is declared that ends there.
//  3. A commit whose offset equals the length carries the name under which the
//     file is published, so that repeating the publishing after a crash cannot
//     publish it twice. An upload of no bytes gets its name with a second commit.
//     An upload whose creation announced a digest, and whose bytes have another,
//     is rejected by that commit instead: it gets no name, and lives on as an
//     unfinished one does, but takes no more bytes.
//  4. ID.data is removed only after the file has been published under that name
//     and that is on disk. The published file is the upload's as long as it has
//     the length and the time of last writing that the commit says.
//  5. The digests in a commit are those of its first N bytes, taken as they
//     arrived. With the state that the commit holds they go on after a restart.
//  6. A final upload that is not folded is complete when each of its parts is:
//     nothing is written to say so, so nothing can come in between. Its length
//     and its CRC-32C follow from theirs.
//  7. A part is removed only after the commit of its final upload that makes its
//     bytes count there is on disk, and before more bytes are added. So a part of
//     it without a file is in ID.data, and the disk never holds more than the
//     bytes of a final upload and one part, or 1 MiB of smaller ones (fold.go).
//  8. A part that belongs to a final upload is neither removed nor in another one.
//  9. At start no byte is removed but those of an upload that has an ID.removed, and
//     those that are in another file too.
//
// # Crash here, and what a restart sees
//
//	while creating, before the record is synced   no upload; an empty or torn record and its empty data are removed at start
//	... data without a whole record               set aside if it has bytes: they may be acknowledged ones whose record was lost
//	after the record, before its directory        no upload; the client was told nothing. A record alone: 404
//	while bytes arrive                            the last commit; later bytes are cut off
//	... of a chunk with a checksum                the commit before the chunk: it has none on its way
//	data synced, commit line torn                 the last commit before it
//	commit line written, answer not sent          the new offset: more than the client knows
//	whole, and not what was announced             rejected for good
//	complete, not yet published                   published at start, or when the upload is next asked for
//	directories in files/ made, not yet linked    they are there, or are made again when it is published
//	linked in files/, ID.data not yet removed     the same file under both names: ID.data is removed
//	while terminating, published file removed     a finished upload without its file: GET 410, DELETE goes on
//	while terminating, ID.removed made            no upload; what is left of it is removed at start, ID.removed last
//	... on a disk too full for ID.removed         record removed, its data not: set aside at start if it has bytes
//	final upload, record without its directory    no upload, and its parts are free; repeating the request makes it
//	final upload committed, answer not sent       there; repeating the request finds it, as its id follows from the parts
//	last part committed, final upload not told    complete: that is not written anywhere
//	folding: bytes added, not committed           cut off, and folded again
//	folding: committed, parts not removed         they belong to it still, and are removed before more is folded
//	folded, not published                         the parts are removed, then it is published: folding goes on
//	... a part's record removed, its data not     its data is removed at start: the final upload has the bytes
//	while terminating a final, ID.removed made    no upload; the parts that were not folded are free
//	the disk has lost the first line of ID.log    set aside at start with its data; later, and without data, requests get 500
//	the disk has lost the end of ID.data          set aside at start; later, requests get 500 and no offset
//	... and it is a part of a final upload        left alone, and that is not folded
//	ID.log says another id                        logged and left alone; requests get 500
//	killed, not cut off: a line not yet synced    synced before anything is said of it, see settle.go
//
// # Many uploads
//
// At its start a store reads the last lines of the records that have data, and
// from then on knows in memory of every unfinished upload what it still needs
// and when it dies (unfinished.go). What they need is reserved: a creation takes
// its share of the space or is refused (space.go). One whose length nobody knows
// reserves what it may write next, as it goes (growing.go). Finished uploads cost
// nothing until somebody asks for them.
//
// # Concurrency
//
// A [Store] is safe for concurrent use. Requests that change one upload must
// hold its lock, which tusd's handler sees to; the one that creates a final upload
// holds that of [FinalID]. [Store.Open] needs none. A final upload that is complete
// belongs to [Store.Fold] until it is published.
package filestore
