package concat

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/filestore"
	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// watched is a store that sees whether the lock is held when a final upload is
// created.
type watched struct {
	*filestore.Store
	locker *takeover.Locker
	asked  bool
	free   bool // the lock was
}

func (s *watched) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	id, err := filestore.FinalID(info.PartialUploads)
	if err != nil {
		return nil, err
	}
	s.asked, s.free = true, s.locker.TryLock(id) != nil
	return s.Store.NewUpload(ctx, info)
}

// A final upload is created under its lock, and for that waits for who has it. The
// lock is free again when the answer is there, whatever it says.
func TestCreationHoldsLock(t *testing.T) {
	for name, tt := range map[string]struct {
		partial bool
		status  int
	}{
		"created": {true, http.StatusCreated},
		"refused": {false, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &watched{Store: openStore(t), locker: new(takeover.Locker)}
				part, err := s.Store.NewUpload(t.Context(), handler.FileInfo{IsPartial: tt.partial})
				if err != nil {
					t.Fatal(err)
				}
				info, err := part.GetInfo(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				id, err := filestore.FinalID([]string{info.ID})
				if err != nil {
					t.Fatal(err)
				}
				lock := s.locker.TryLock(id)

				r := httptest.NewRequest(http.MethodPost, "/files/", http.NoBody)
				r.Header.Set("Upload-Concat", "final;/files/"+info.ID)
				w, answered := httptest.NewRecorder(), make(chan struct{})
				go func() {
					defer close(answered)
					Handler(s, s.locker, "/files/", "", http.NotFoundHandler()).ServeHTTP(w, r)
				}()
				synctest.Wait()
				if s.asked {
					t.Error("it did not wait for the lock")
				}
				if err := lock.Unlock(); err != nil {
					t.Fatal(err)
				}
				<-answered
				if w.Code != tt.status || !s.asked || s.free {
					t.Errorf("status %d, want %d; asked %v; the lock was free %v", w.Code, tt.status, s.asked, s.free)
				}
				if w.Code == http.StatusCreated && w.Header().Get("Location") != "/files/"+id {
					t.Errorf("Location %q, want that of %s", w.Header().Get("Location"), id)
				}
				if s.locker.TryLock(id) == nil {
					t.Error("the lock is held still")
				}
			})
		})
	}
}

func openStore(t *testing.T) *filestore.Store {
	t.Helper()
	dir, err := datadir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dir.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := filestore.New(dir, filestore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
