// Package protocol is what stands around tusd's handler: it settles what a
// request is before the handler looks at it, and adds to the answers what only
// this server knows.
//
// Each file is one middleware or one header. Only [Answer] wraps the
// ResponseWriter of a request that carries a body: deadlines are set through it,
// so whoever wraps it needs Unwrap, and net/http closes the connection of an
// over-long body at once only when it is asked through its own writer.
package protocol
