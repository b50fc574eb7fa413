// Package core is the contract between a host that owns real sockets and the
// code that borrows them: the socket vocabulary of the BSD calls and of
// Python's socket module, the table of calls a WebAssembly guest may import,
// the error numbers that cross the boundary, the grants that open it, and the
// events that make a call visible.
//
// Package native speaks this vocabulary over the operating system, package
// memnet in memory, and the guest SDK over a host's functions, so that a
// handler written against [Socket] runs unchanged natively, in a test and in
// the sandbox. Guests compile this package too: it uses only the standard
// library, never the operating system, and never a guest's memory.
package core
