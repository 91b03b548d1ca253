// Package durable makes changes to files and directories that survive a power
// cut. It is the only package of the server that creates, links, removes and
// syncs.
//
// Each function says which system calls it makes, in order. When it returns
// nil, the change is on stable storage as far as the operating system can tell.
// When it returns an error the change may or may not have happened, and may or
// may not survive: callers treat it as "unknown", never as "did not happen".
//
// After a failed fsync Linux marks the pages clean, so that a second fsync
// succeeds without having written them. Nothing here retries a sync; callers
// either write the bytes again or stop trusting the file.
package durable
