package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// Several errors are one line that people can read.
func TestLogOnOneLine(t *testing.T) {
	for format, want := range map[string]string{"text": `err="first; second"`, "json": `"err":"first; second"`} {
		var out bytes.Buffer
		log := newLogger(settings{logFormat: format}, &out)
		log.Error("failed", slog.Any("err", errors.Join(errors.New("first"), errors.New("second"))))
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %q, want %s in it", format, out.String(), want)
		}
	}
}
