package edge

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Forwarded believes what proxies at the addresses trusted say about where a
// request comes from: it becomes the RemoteAddr and the Host of the request. The
// client is the last address in the list of those that it came through that is
// not trusted. From anybody else the headers count for nothing, and they are
// removed, so that nobody behind takes them for true.
//
// Most proxies write either Forwarded (RFC 7239) or X-Forwarded-For and
// X-Forwarded-Host, and pass on what clients have made up in the other. So if
// there are both, only what they agree on is believed.
func Forwarded(trusted []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			believe(r, trusted)
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				r.Header.Del(name)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// believe takes what a trusted proxy says into r.
func believe(r *http.Request, trusted []netip.Prefix) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !contains(trusted, from.Addr()) {
		return
	}
	client, host := origin(r.Header, trusted)
	if client.IsValid() {
		r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
	}
	if host != "" {
		r.Host = host
	}
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// origin returns the client and the host that the proxies tell of, as far as they do.
func origin(h http.Header, trusted []netip.Prefix) (client netip.Addr, host string) {
	standard, usual := h.Values("Forwarded") != nil, h.Values("X-Forwarded-For") != nil || h.Values("X-Forwarded-Host") != nil
	if !standard {
		return usualHops(h).client(trusted)
	}
	client, host = standardHops(h).client(trusted)
	if usual {
		otherClient, otherHost := usualHops(h).client(trusted)
		if client != otherClient {
			client = netip.Addr{}
		}
		if host != otherHost {
			host = ""
		}
	}
	return client, host
}

// hop is what one proxy says: who asked it, and for which host.
type hop struct{ addr, host string }

type path []hop

// standardHops reads what the proxies on the way have said in Forwarded, the
// nearest last.
func standardHops(h http.Header) (hops path) {
	for element := range strings.SplitSeq(strings.Join(h.Values("Forwarded"), ","), ",") {
		var one hop
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			switch value = strings.Trim(value, `"`); strings.ToLower(name) {
			case "for":
				one.addr = value
			case "host":
				one.host = value
			}
		}
		hops = append(hops, one)
	}
	return hops
}

// usualHops reads what they have said in the headers that came before it.
func usualHops(h http.Header) (hops path) {
	for addr := range strings.SplitSeq(strings.Join(h.Values("X-Forwarded-For"), ","), ",") {
		hops = append(hops, hop{addr: strings.TrimSpace(addr)})
	}
	// Only the nearest proxy's word is known to be that of one we trust.
	hosts := strings.Split(strings.Join(h.Values("X-Forwarded-Host"), ","), ",")
	hops[len(hops)-1].host = strings.TrimSpace(hosts[len(hosts)-1])
	return hops
}

// client walks from the nearest hop to the first that is not trusted, whose
// address and host it returns. They are as far as was told.
func (p path) client(trusted []netip.Prefix) (addr netip.Addr, host string) {
	for _, hop := range slices.Backward(p) {
		if hop.host != "" {
			host = hop.host
		}
		next, err := parseAddr(hop.addr)
		if err != nil {
			return addr, host
		}
		if addr = next; !contains(trusted, addr) {
			return addr, host
		}
	}
	return addr, host
}

// parseAddr parses an address with or without a port and brackets.
func parseAddr(s string) (netip.Addr, error) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	return netip.ParseAddr(strings.Trim(s, "[]"))
}
