package protocol

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"
)

// checkMetadata checks an Upload-Metadata header: pairs separated by commas, each
// a key, or a key, one space and a value in Base64, which may be empty. No two
// keys are the same. An empty header has no pairs.
//
// See tus 1.0.0, "Upload-Metadata". Spaces around commas, which it does not
// mention and HTTP allows in lists (RFC 9110, section 5.6.1), are allowed.
func checkMetadata(header string) error {
	if header == "" {
		return nil
	}
	keys := map[string]bool{}
	number := 0
	for pair := range strings.SplitSeq(header, ",") {
		number++
		key, value, _ := strings.Cut(strings.Trim(pair, " \t"), " ")
		_, err := base64.StdEncoding.DecodeString(value)
		problem := ""
		switch {
		case key == "":
			problem = "has no key"
		case strings.ContainsAny(key, "\t\x7f"):
			problem = "has a key with a control character"
		case keys[key]:
			problem = "has a key that is there before"
		case err != nil:
			problem = "has a value that is not Base64"
		default:
			keys[key] = true
			continue
		}
		const most = 100
		return handler.NewError("ERR_INVALID_METADATA",
			fmt.Sprintf("pair %d of Upload-Metadata, %+q, %s", number, pair[:min(len(pair), most)], problem), http.StatusBadRequest)
	}
	return nil
}
