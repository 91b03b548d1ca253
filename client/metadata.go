package client

import (
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"path/filepath"
	"slices"
	"strings"

	tus "github.com/eventials/go-tus"
)

// encodeMetadata writes the value of Upload-Metadata (tus 1.0.0, Creation) with
// its keys sorted. It is empty for no metadata, and then the header is left out.
func encodeMetadata(metadata tus.Metadata) (string, error) {
	pairs := make([]string, 0, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if !validKey(key) {
			return "", fmt.Errorf("metadata key %q: keys are ASCII without spaces and commas", key)
		}
		pair := key
		if value := metadata[key]; value != "" {
			pair += " " + base64.StdEncoding.EncodeToString([]byte(value))
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, ","), nil
}

// decodeMetadata reads a value of Upload-Metadata. What is no pair is passed over.
func decodeMetadata(header string) tus.Metadata {
	metadata := tus.Metadata{}
	for pair := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
		if validKey(key) && err == nil {
			metadata[key] = string(decoded)
		}
	}
	return metadata
}

func validKey(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return key != ""
}

// describe adds the last element of a source's name and its media type to
// metadata, where the caller told none. An empty value is taken out.
func describe(metadata tus.Metadata, name string) tus.Metadata {
	all := tus.Metadata{}
	if name != "" {
		all["filename"] = filepath.Base(name)
		all["filetype"] = mime.TypeByExtension(filepath.Ext(name))
	}
	maps.Copy(all, metadata)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}
