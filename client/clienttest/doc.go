// Package clienttest breaks uploads in the ways in which they break in the field.
//
// Server is a stock tusd to push to. Faults is an http.RoundTripper that refuses,
// cuts, stalls and loses requests by plan. Listener does so with connections where the
// server accepts them, and can lose packets (Linux). Proxy is a TCP proxy that cuts and
// holds back connections, for tests with real programs. Network is a network in
// memory, for tests in which time is not real (testing/synctest).
package clienttest
