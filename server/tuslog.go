package server

import (
	"context"
	"log/slog"

	expslog "golang.org/x/exp/slog"
)

// tusLogger returns a logger for tusd's handler, which logs with the forerunner
// of log/slog. Everything it says becomes a debug line: what an operator must
// know, the store logs itself.
func tusLogger(log *slog.Logger) *expslog.Logger {
	return expslog.New(tusLog{log.Handler()})
}

type tusLog struct{ next slog.Handler }

func (l tusLog) Enabled(ctx context.Context, _ expslog.Level) bool {
	return l.next.Enabled(ctx, slog.LevelDebug)
}

func (l tusLog) Handle(ctx context.Context, r expslog.Record) error {
	record := slog.NewRecord(r.Time, slog.LevelDebug, r.Message, 0)
	r.Attrs(func(a expslog.Attr) bool {
		record.AddAttrs(attr(a))
		return true
	})
	return l.next.Handle(ctx, record)
}

// WithAttrs is called for each request, and formats them at once: not for lines
// that nobody writes.
func (l tusLog) WithAttrs(attrs []expslog.Attr) expslog.Handler {
	if !l.Enabled(context.Background(), expslog.LevelDebug) {
		return l
	}
	var converted []slog.Attr
	for _, a := range attrs {
		// The handler below adds the id, also to lines that are not tusd's.
		if a.Key != "requestId" {
			converted = append(converted, attr(a))
		}
	}
	return tusLog{l.next.WithAttrs(converted)}
}

func (l tusLog) WithGroup(name string) expslog.Handler {
	return tusLog{l.next.WithGroup(name)}
}

func attr(a expslog.Attr) slog.Attr { return slog.Any(a.Key, a.Value.Any()) }
