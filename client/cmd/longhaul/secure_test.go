package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/longhaul-io/longhaul/client/clienttest"
)

// secure puts TLS before the script's server, which wants a certificate of its
// clients; any will do. SECURE is its URL, ca.pem has its authority, cert.pem and
// key.pem are a certificate with its key, and both.pem has both.
func secure(ts *testscript.TestScript, _ bool, _ []string) {
	web := httptest.NewUnstartedServer(siteOf(ts).server)
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	ts.Defer(web.Close)
	ts.Setenv("SECURE", web.URL+clienttest.Base)
	own := web.TLS.Certificates[0]
	der, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	ts.Check(err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for name, data := range map[string][]byte{"ca.pem": cert, "cert.pem": cert, "key.pem": key, "both.pem": append(cert[:len(cert):len(cert)], key...)} {
		ts.Check(os.WriteFile(ts.MkAbs(name), data, 0o600))
	}
}
