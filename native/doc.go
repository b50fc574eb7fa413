// Package native is core over the operating system: real sockets, waiting on
// Go's network poller, so that a blocked socket costs a goroutine and never a
// thread.
//
// Every call of core.Socket is the system call of that name. Nothing is set
// that was not asked for: no SO_REUSEADDR, no TCP_NODELAY, no keep-alive. The
// three modes of Python's sockets, blocking, non-blocking and with a timeout,
// are made above descriptors that are always non-blocking.
//
// The package runs on Linux, macOS, FreeBSD and Windows; SYSTEMS.md says where
// their kernels differ. On Windows, whose sockets have other defaults than
// everybody else's, a socket is given Linux's. On other systems the package
// compiles, and every call of [Network] says that there is nothing here.
//
// It never grants or refuses anything: who may reach what is for the host
// that lends these sockets out.
package native
