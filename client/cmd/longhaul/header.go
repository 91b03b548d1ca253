package main

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// parseHeader reads fields as "NAME: VALUE" (RFC 9110, section 5). A name may come
// more than once.
func parseHeader(fields []string) (http.Header, error) {
	header := http.Header{}
	for _, field := range fields {
		name, value, found := strings.Cut(field, ":")
		value = strings.TrimSpace(value)
		switch {
		case !found || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			// The value may be a secret.
			return nil, &usageError{fmt.Sprintf("--header %q", name), "it is NAME: VALUE, e.g. --header 'X-Api-Key: …'"}
		case ours(http.CanonicalHeaderKey(name)):
			return nil, &usageError{fmt.Sprintf("--header %q", name), "longhaul says this itself"}
		}
		header.Add(name, value)
	}
	return header, nil
}

// ours reports whether transfers say what this field says.
func ours(name string) bool {
	for _, prefix := range []string{"Tus-", "Upload-", "Content-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "Accept-Encoding", "Connection", "Expect", "Host", "If-Range", "Range", "Te", "Trailer", "Transfer-Encoding", "Want-Repr-Digest":
		return true
	}
	return false
}
