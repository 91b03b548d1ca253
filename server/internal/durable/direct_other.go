//go:build !linux

package durable

const directFlag = 0
