// Package wasmhost lends sockets to WebAssembly plugins: it loads a plugin
// file, runs it in wazero, and gives it the calls of the guest contract
// ([core.Calls]) and WASI preview 1 over one descriptor table of the guest's
// own.
//
// The way of a connection: a [Route] accepts it, takes an instance of its
// plugin, puts the socket into the instance's table and calls handle with its
// number; when handle returns, traps or is stopped, whatever is open is closed.
// Every connection begins from the same state, a snapshot of the plugin once
// it is initialized: after a good end the instance is put back to it and waits
// for another connection, after any other it goes. A program, which makes its
// own sockets, is run by [Host.Run] within its grants.
//
// An instance belongs to one goroutine, and only that goroutine closes it,
// after the call into it has returned: closing frees the memory native code
// may still be using. Stopping an instance from elsewhere is a flag and the
// cancel of its sockets; the host call it sits in, or makes next, then ends
// it.
//
// The package itself never makes a system call: the sockets come from the
// [core.Network] it is given, memory and the cache from packages image, populate
// and codecache.
package wasmhost
