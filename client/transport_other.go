//go:build !linux

package client

import "syscall"

// unsent is not known here.
func unsent(syscall.RawConn) int64 { return 0 }

// trafficOf is not known here.
func trafficOf(syscall.RawConn) traffic { return traffic{} }
