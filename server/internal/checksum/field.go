package checksum

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Field is the name of the header, and of the trailer.
const Field = "Upload-Checksum"

// What is answered to a body that is not held to be what it should be. Nothing
// of it is kept.
var (
	// ErrAlgorithm means that the algorithm is none of [Algorithms].
	ErrAlgorithm = handler.NewError("ERR_CHECKSUM_ALGORITHM", "the algorithm of the checksum is not one of "+Algorithms(), http.StatusBadRequest)
	// ErrMalformed means that the field is not "ALGORITHM BASE64" with a sum of
	// the algorithm's length, or is there twice.
	ErrMalformed = handler.NewError("ERR_INVALID_CHECKSUM", "Upload-Checksum has to be one algorithm, a space and its sum in base64", http.StatusBadRequest)
	// ErrNoTrailer means that a trailer is announced where none can come.
	ErrNoTrailer = handler.NewError("ERR_INVALID_CHECKSUM", "a body whose length is known has no trailers; send it in chunks, or Upload-Checksum as a header", http.StatusBadRequest)
	// ErrMissing means that the announced trailer did not come.
	ErrMissing = handler.NewError("ERR_CHECKSUM_MISSING", "the trailer Upload-Checksum was announced and did not come; nothing of the body is kept", http.StatusBadRequest)
	// ErrMismatch means that the bytes that came have another sum.
	ErrMismatch = handler.NewError("ERR_CHECKSUM_MISMATCH", "the bytes that came do not have this checksum; none of them is kept", 460)
)

// sum is what an Upload-Checksum says.
type sum struct {
	algorithm int // its index in algorithms
	bytes     []byte
}

// parse parses the values of the field. Its errors are [ErrMalformed] and
// [ErrAlgorithm].
func parse(values []string) (sum, error) {
	if len(values) != 1 {
		return sum{}, ErrMalformed
	}
	name, encoded, found := strings.Cut(values[0], " ")
	if !found {
		return sum{}, ErrMalformed
	}
	for i, a := range algorithms {
		if a.name != name {
			continue
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
		// Line breaks, which the decoder passes over, are no base64.
		if err != nil || len(raw) != a.size || len(encoded) != base64.StdEncoding.EncodedLen(a.size) {
			return sum{}, ErrMalformed
		}
		return sum{i, raw}, nil
	}
	return sum{}, ErrAlgorithm
}

// announced reports whether the values of a Trailer header name the field.
func announced(values []string) bool {
	for _, list := range values {
		if slices.ContainsFunc(strings.Split(list, ","), func(name string) bool {
			return strings.EqualFold(strings.TrimSpace(name), Field)
		}) {
			return true
		}
	}
	return false
}
