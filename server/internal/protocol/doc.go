// Package protocol is what stands around tusd's handler: it settles what a
// request is before the handler looks at it, and adds to the answers what only
// this server knows.
//
// Each file is one middleware or one header. None of them wraps the
// ResponseWriter of a request that carries a body: net/http closes the
// connection of an over-long body at once only if the handler reads it through
// net/http's own writer, and the deadlines of slow clients are set on it.
package protocol
