// Package takeover lets a request have an upload that another one holds. A
// client whose connection died without the server noticing comes back in
// milliseconds, not after a time-out: its new request interrupts the old one,
// whose bytes count.
//
// [Middleware] gives each request a body that can be interrupted, and [Locker]
// interrupts the body of the request that holds an upload when another asks for
// it. Both hold at any moment of the old request: also before it has begun to
// read its body, and between two reads.
package takeover
