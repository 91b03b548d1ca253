package filestore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestExpiry(t *testing.T) {
	now := epoch
	s, _ := openStore(t, t.TempDir(), Config{ExpireAfter: time.Hour, Now: func() time.Time { return now }})
	ctx := context.Background()
	unfinished, finished := put(t, s, 10, "hello").ID, put(t, s, 5, "hello").ID
	if _, err := s.GetUpload(ctx, finished); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour - 1)
	if _, err := s.GetUpload(ctx, unfinished); err != nil {
		t.Fatalf("just before its time: %v", err)
	}
	if ids := s.Expired(); len(ids) > 0 {
		t.Errorf("just before its time: Expired = %q", ids)
	}
	if removed, _, err := s.RemoveExpired(unfinished); removed || err != nil {
		t.Fatalf("just before its time: RemoveExpired = %v, %v", removed, err)
	}
	now = now.Add(1)
	if _, err := s.GetUpload(ctx, unfinished); !errors.Is(err, ErrExpired) {
		t.Errorf("at its time: %v, want ErrExpired", err)
	}
	if _, err := s.GetUpload(ctx, finished); err != nil {
		t.Errorf("a finished upload expired: %v", err)
	}
	if ids := s.Expired(); len(ids) != 1 || ids[0] != unfinished {
		t.Fatalf("Expired = %q; want %s", ids, unfinished)
	}
	if removed, freed, err := s.RemoveExpired(unfinished); !removed || freed != 5 || err != nil {
		t.Errorf("RemoveExpired = %v, %d, %v; want the 5 bytes of it gone", removed, freed, err)
	}
	if ids := s.Expired(); len(ids) > 0 {
		t.Errorf("after removal: Expired = %q", ids)
	}
	if _, err := s.GetUpload(ctx, unfinished); !errors.Is(err, ErrNotFound) {
		t.Errorf("after removal: %v, want ErrNotFound", err)
	}
}

// No id that this store did not make reaches the disk.
func TestOddIDs(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Config{})
	for _, id := range []string{
		"", ".", "..", "../lock", "lock", "%2e%2e", "a\x00b", strings.Repeat("a", 300),
		strings.Repeat("A", idLength), strings.Repeat("a", idLength-1), strings.Repeat("ä", idLength/2), strings.Repeat("a", idLength-4) + "/../",
	} {
		if _, err := s.GetUpload(context.Background(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("GetUpload(%q): %v, want ErrNotFound", id, err)
		}
		if _, _, err := s.Open(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open(%q): %v, want ErrNotFound", id, err)
		}
	}
	for range 1000 {
		if id := newID(); !validID(id) {
			t.Fatalf("newID made %q, which is not valid", id)
		}
	}
}
