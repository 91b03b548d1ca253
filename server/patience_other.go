//go:build !linux

package server

import (
	"net"
	"time"
)

func limitPatience(net.Conn, time.Duration) {}
