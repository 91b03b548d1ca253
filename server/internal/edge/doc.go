// Package edge is what any HTTP server does before it looks at what a request
// wants: it names the request.
//
// Each file is one middleware. None of them knows of tus.
package edge
