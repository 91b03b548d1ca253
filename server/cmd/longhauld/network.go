package main

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/longhaul-io/longhaul/server"
)

// defineNetworkFlags defines the settings that say how the server is reached.
func defineNetworkFlags(f *pflag.FlagSet) {
	f.StringSlice("cors-origin", nil, "let pages of this `ORIGIN` use the server, as https://app.example; may be given more than once")
	f.StringSlice("trusted-proxies", nil, "believe the Forwarded and X-Forwarded headers of proxies at these `ADDRESSES`, as 10.0.0.0/8,::1")
	f.String("tls-cert", "", "speak TLS with the certificate in this PEM `FILE`; it is read again when it changes")
	f.String("tls-key", "", "the PEM `FILE` of its key")
	f.Bool("h2c", false, "take HTTP/2 also without TLS")
	f.String("max-connections", "0", "have at most this `NUMBER` of connections open; 0 means any")
	f.String("network-timeout", "1m", "end a request whose client sends or takes nothing for this `TIME`; what came is kept")
}

// parseNetwork reads them into cfg, and returns everything that is wrong.
func parseNetwork(k *koanf.Koanf, cfg *server.Config) (errs []error) {
	cfg.CORSOrigins = list(k, "cors-origin")
	cfg.TLSCert, cfg.TLSKey = k.String("tls-cert"), k.String("tls-key")
	for _, text := range list(k, "trusted-proxies") {
		prefix, err := parsePrefix(text)
		if err != nil {
			errs = append(errs, usage("an address is 10.1.2.3, 10.0.0.0/8, ::1 or fd00::/8", "trusted-proxies: %q is no address", text))
		}
		cfg.TrustedProxies = append(cfg.TrustedProxies, prefix)
	}
	var err error
	if cfg.H2C, err = strconv.ParseBool(k.String("h2c")); err != nil {
		errs = append(errs, usage("it is true or false", "h2c: %q is neither true nor false", k.String("h2c")))
	}
	if cfg.MaxConnections, err = strconv.Atoi(k.String("max-connections")); err != nil {
		errs = append(errs, usage("a number is 0, 1000", "max-connections: %q is no number", k.String("max-connections")))
	}
	if cfg.NetworkTimeout, err = time.ParseDuration(k.String("network-timeout")); err != nil {
		errs = append(errs, usage("a time is 30s, 2m", "network-timeout: %q is no time", k.String("network-timeout")))
	}
	return errs
}

// list returns a setting of several values, which the environment has in one,
// with commas.
func list(k *koanf.Koanf, name string) []string {
	if text, ok := k.Get(name).(string); ok {
		return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return k.Strings(name)
}

// parsePrefix parses a range of addresses, or one.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return addr.Prefix(addr.BitLen())
	}
	return netip.ParsePrefix(s)
}

// scheme is how the server is reached without a proxy.
func (set settings) scheme() string {
	if set.server.TLSCert != "" {
		return "https"
	}
	return "http"
}
