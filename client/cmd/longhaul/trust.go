package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

// trust is who may vouch for a server, and what vouches for us.
type trust struct{ authorities, certificate, key string }

func (t *trust) flags(f *pflag.FlagSet) {
	f.StringVar(&t.authorities, "cacert", "", "trust the authorities in `FILE` (PEM) too, beside the system's")
	f.StringVar(&t.certificate, "cert", "", "prove who you are by the certificate in `FILE` (PEM)")
	f.StringVar(&t.key, "key", "", "the key of --cert is in `FILE` (default: that of --cert)")
}

// config is nil where Go's default will do.
func (t *trust) config() (*tls.Config, error) {
	if *t == (trust{}) {
		return nil, nil
	}
	config := &tls.Config{}
	var err error
	if t.authorities != "" {
		if config.RootCAs, err = readAuthorities(t.authorities); err != nil {
			return nil, err
		}
	}
	switch {
	case t.certificate != "":
		own, err := t.own()
		config.Certificates = []tls.Certificate{own}
		return config, err
	case t.key != "":
		return nil, &usageError{"--key without --cert", "--cert FILE names the certificate that the key is of"}
	}
	return config, nil
}

func readAuthorities(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("--cacert: %s: %s", path, short(err)), "it is a file of certificates in PEM"}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // there is no system's
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, &usageError{fmt.Sprintf("--cacert: %s has no certificate", path), "it is a file of certificates in PEM"}
	}
	return pool, nil
}

// own is the certificate with its key.
func (t *trust) own() (tls.Certificate, error) {
	key := t.key
	if key == "" {
		key = t.certificate
	}
	own, err := tls.LoadX509KeyPair(t.certificate, key)
	if err != nil {
		return own, &usageError{fmt.Sprintf("--cert %s with the key in %s: %s", t.certificate, key, short(err)), "both are in PEM, and the key has no password"}
	}
	return own, nil
}
