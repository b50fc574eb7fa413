// Package coretest is the conformance suite of the socket vocabulary: what a
// [core.Network] and its [core.Socket] must do, call by call, as CPython on
// Linux does it. Every implementation runs the same cases with [Run], so that
// a handler behaves alike natively, in memory and in the sandbox.
//
// The judge is the kernel: the cases were tried with Python's socket module
// on Linux, and package native runs them over the system's own sockets.
//
// All traffic stays on the loopback. Connecting to a listener completes
// without an accept, so one goroutine is enough for nearly every case; the
// few that need a second one say so. The package never sleeps and never asks
// a name server.
package coretest
