// Package edge is what any HTTP server does before it looks at what a request
// wants: it names the request, finds out where it comes from, says which pages of
// other origins may read the answer, and shows its certificate.
//
// Each file is one of these. None of them knows of tus.
package edge
