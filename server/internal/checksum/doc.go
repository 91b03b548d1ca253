// Package checksum holds the body of a request to the checksum that came with
// it: Upload-Checksum, as a header or as a trailer (tus 1.0.0, "Checksum").
//
//	r, err := checksum.Attach(r)   before anybody reads the body
//	x := checksum.From(r.Context())  nil: nothing was said of the body
//	x.Write(p)                     for all of the body, as it is stored
//	err := x.Verify()              before any of it counts
//
// The checksum is of the bytes of the one request. Digests of whole files are
// another thing, see package digest.
package checksum
