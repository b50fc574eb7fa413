// Package socket is the guest SDK: core.Network and core.Socket inside the
// sandbox, over the functions a host lends to a WebAssembly module.
//
// A handler gets its connection from package guest; a program with a main of
// its own makes sockets by [Network], within its grants:
//
//	var network core.Network = socket.Network{}
//	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
//
// A guest has one thread. While a call waits no other goroutine runs, so none
// can connect to the listener this one accepts from, or close the socket it
// waits on: serve several sockets from one goroutine with Poll, or with
// timeouts. It also means that no lock is needed here, and none is used.
//
// Elsewhere than in a WASI module there is no host to call, and every call
// fails with ENOSYS; the package compiles there so that a handler's own tests
// do. Use package native, or core/memnet, to run one.
package socket
