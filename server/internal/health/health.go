// Package health tells a supervisor whether the server lives and whether it is
// ready for uploads, and asks it.
package health

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Where a server says how it is.
const (
	LivePath  = "/livez"
	ReadyPath = "/readyz"
)

// Live answers 200 as long as the server answers at all.
func Live(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "ok")
}

// Ready answers 200 if there is no trouble, and else 503 with all of it on one
// line. trouble returns sentences for the operator. A server that stops takes no
// connections, so it needs no sentence for that.
func Ready(trouble func() []string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if reasons := trouble(); len(reasons) > 0 {
			say(w, http.StatusServiceUnavailable, "not ready: "+strings.Join(reasons, "; "))
			return
		}
		say(w, http.StatusOK, "ok")
	}
}

func say(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, line+"\n")
}

// Ask asks the server that listens on addr, as given to net.Listen, over scheme,
// http or https, whether it lives. An address that means every interface is asked
// on the loopback. The server is on this machine, so its certificate, which is for
// the name by which others reach it, is not looked at.
func Ask(ctx context.Context, scheme, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+LivePath, nil)
	if err != nil {
		return err
	}
	// Not through a proxy: the server is on this machine.
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	return nil
}
