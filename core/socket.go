package core

import (
	"context"
	"net/netip"
	"time"
)

// Socket is one end of a communication, with the calls of Python's socket
// objects under their own names in Go's spelling.
//
// Every error a Socket returns is an [Errno], so it can be compared directly:
// err == core.EAGAIN. A call on a closed socket is EBADF.
//
// Buffers stay the caller's: none is kept after a call returns. A Socket may
// be used by several goroutines at once, as one descriptor may be used by
// several threads; a Close while another call is blocked ends that call with
// EBADF.
type Socket interface {
	// Family, Type and Proto are what the socket was made with.
	Family() Family
	Type() Type
	Proto() int

	// Bind gives the socket its own address; port 0 lets the system choose.
	// A second Bind is EINVAL, an address in use EADDRINUSE, one that is not
	// this machine's EADDRNOTAVAIL. See bind(2).
	Bind(address netip.AddrPort) error

	// Listen makes a stream socket accept connections. The backlog goes to
	// the system as it is, a negative one as 0; Linux lets backlog+1
	// connections wait and makes the next connect hang, not fail. Listening
	// unbound takes a free port of the wildcard address. See listen(2).
	Listen(backlog int) error

	// Accept waits for a connection and returns it with its peer's address.
	// The connection blocks and has no timeout, whatever the listener's mode.
	// A socket that does not listen is EINVAL.
	Accept() (Socket, netip.AddrPort, error)

	// Connect connects to address; the wildcard address means loopback, and
	// one of another family is EAI_ADDRFAMILY. In non-blocking mode it returns
	// EINPROGRESS; the socket's own timeout is [ErrTimeout], the system's
	// ETIMEDOUT. Either way the attempt goes on: while it does, another
	// Connect that may not wait is EALREADY.
	Connect(address netip.AddrPort) error

	// ConnectEx is Connect as Python's connect_ex has it: the error is the
	// result, 0 is success, and the socket's own timeout is EAGAIN.
	ConnectEx(address netip.AddrPort) Errno

	// Recv reads what is there, at most len(p) bytes, and waits where nothing
	// is. 0 bytes for a p that is not empty is the end of a stream, or an
	// empty datagram; a datagram longer than p is cut and the rest is lost.
	// An empty p is 0 at once. Flags are MSG_PEEK and, in blocking mode,
	// MSG_DONTWAIT and MSG_WAITALL: with a timeout a call waits first, as
	// CPython's do.
	Recv(p []byte, flags int) (int, error)

	// RecvFrom is Recv with the sender's address, which is the zero AddrPort
	// on a stream.
	RecvFrom(p []byte, flags int) (int, netip.AddrPort, error)

	// Send hands p to the system and returns how much it took, which may be
	// less than len(p); in blocking mode a stream waits until all is taken, and
	// less is what an error or a cancel left. The first Send after the peer has closed succeeds;
	// the next is EPIPE. It never raises SIGPIPE.
	Send(p []byte, flags int) (int, error)

	// SendAll sends until all of p is taken or an error comes. The socket's
	// timeout counts for the whole, as it does in Python since 3.5; after an
	// error it is unknown how much was sent.
	SendAll(p []byte, flags int) error

	// SendTo sends one datagram to address. On a connected stream the address
	// is ignored.
	SendTo(p []byte, flags int, address netip.AddrPort) (int, error)

	// Shutdown ends one direction or both: SHUT_RD, SHUT_WR, SHUT_RDWR. After
	// SHUT_WR the peer reads the end of the stream.
	Shutdown(how int) error

	// Close gives the socket back. A second Close does nothing, as in Python.
	Close() error

	// SetTimeout sets how long one call may wait: negative ([Blocking]) for
	// ever, 0 ([NonBlocking]) not at all, else each call that duration. A
	// call already waiting keeps the time it began with.
	SetTimeout(d time.Duration) error

	// GetTimeout returns what SetTimeout set; [Blocking] for a new socket.
	GetTimeout() (time.Duration, error)

	// SetBlocking(true) is SetTimeout(Blocking), SetBlocking(false) is
	// SetTimeout(NonBlocking): there is one state, not two.
	SetBlocking(on bool) error

	// GetPeerName returns the address of the other end, or ENOTCONN.
	GetPeerName() (netip.AddrPort, error)

	// GetSockName returns the socket's own address, the wildcard with port 0
	// before it has one.
	GetSockName() (netip.AddrPort, error)

	// SetSockOpt sets an option. Level and option are Linux's numbers on
	// every system and value is laid out as the table [Options] says; what
	// is not in the table is ENOPROTOOPT.
	SetSockOpt(level, option int, value []byte) error

	// GetSockOpt stores an option's value in value, as much as fits, and
	// returns its full length in bytes.
	GetSockOpt(level, option int, value []byte) (int, error)

	// Fileno returns the descriptor's number, -1 once closed: the operating
	// system's natively, the guest's own in the sandbox.
	Fileno() int

	// SetCanceled(true) ends every call that waits in the socket, and each
	// that finds nothing from now on, in whatever mode, with ECANCELED; what
	// is there is still given. SetCanceled(false) takes that back for calls to
	// come. It is for whoever lends the socket out, and may be called from any
	// goroutine.
	SetCanceled(on bool)
}

// The two values of SetTimeout that are not a duration.
const (
	Blocking    time.Duration = -1 // Python's settimeout(None)
	NonBlocking time.Duration = 0  // Python's settimeout(0.0)
)

// Network makes sockets, resolves names, and waits for several sockets at
// once. It may be used by any number of goroutines.
type Network interface {
	// Socket makes an unbound socket that blocks. Proto 0 is the usual one
	// of the type. An unknown family is EAFNOSUPPORT.
	Socket(family Family, typ Type, proto int) (Socket, error)

	Resolver

	// Poll waits until one of list is ready for one of its events, at most
	// for timeout (negative: for ever), sets every Revents and returns how
	// many are not zero. POLLERR, POLLHUP and POLLNVAL are reported unasked;
	// an entry whose Socket is nil is passed over. The sockets must be of
	// this network. A context that ends, and a socket that is canceled, are
	// ECANCELED. See poll(2).
	Poll(ctx context.Context, list []PollFd, timeout time.Duration) (int, error)
}

// PollFd is one entry of [Network.Poll]. The zero value is passed over.
type PollFd struct {
	Socket  Socket
	Events  int16 // what to wait for: POLLIN, POLLPRI, POLLOUT, POLLRDHUP
	Revents int16 // what there is
}

// Resolver turns host names into addresses.
type Resolver interface {
	// GetAddrInfo resolves a host name to addresses in the resolver's order,
	// without doubles. Family is AF_UNSPEC for both, or AF_INET or AF_INET6.
	// Errors are the EAI numbers; a context that ends is ECANCELED.
	GetAddrInfo(ctx context.Context, name string, family Family) ([]netip.Addr, error)
}
