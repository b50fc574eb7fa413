package core

// Family is an address family, by Linux's number on every system.
type Family int32

// The address families.
const (
	AF_UNSPEC Family = 0 // any, for GetAddrInfo
	AF_INET   Family = 2
	AF_INET6  Family = 10
)

// String returns the name Python prints: AF_INET.
func (f Family) String() string {
	switch f {
	case AF_UNSPEC:
		return "AF_UNSPEC"
	case AF_INET:
		return "AF_INET"
	case AF_INET6:
		return "AF_INET6"
	}
	return "AF_" + itoa(int64(f))
}

// Type is a socket's type, by Linux's number on every system.
type Type int32

// The socket types.
const (
	SOCK_STREAM Type = 1 // TCP
	SOCK_DGRAM  Type = 2 // UDP
	SOCK_RAW    Type = 3 // a protocol of its own; needs a right of its own
)

// String returns the name Python prints: SOCK_STREAM.
func (t Type) String() string {
	switch t {
	case SOCK_STREAM:
		return "SOCK_STREAM"
	case SOCK_DGRAM:
		return "SOCK_DGRAM"
	case SOCK_RAW:
		return "SOCK_RAW"
	}
	return "SOCK_" + itoa(int64(t))
}

// The protocol numbers, IANA's. 0 is the usual one of a socket's type.
const (
	IPPROTO_IP   = 0
	IPPROTO_TCP  = 6
	IPPROTO_UDP  = 17
	IPPROTO_IPV6 = 41
)

// The flags of a send or a receive, Linux's numbers. Every send behaves as
// with MSG_NOSIGNAL. MSG_OOB is ENOTSUP, any other bit EINVAL: [CheckFlags].
const (
	MSG_OOB      = 0x1
	MSG_PEEK     = 0x2    // read without taking
	MSG_DONTWAIT = 0x40   // as if non-blocking, this once
	MSG_WAITALL  = 0x100  // wait for the whole buffer
	MSG_NOSIGNAL = 0x4000 // always so, and ignored
)

// CheckFlags returns flags without those that are ignored, or the error of
// those that are refused.
func CheckFlags(flags int) (int, error) {
	switch {
	case flags&MSG_OOB != 0:
		return 0, ENOTSUP
	case flags&^(MSG_PEEK|MSG_DONTWAIT|MSG_WAITALL|MSG_NOSIGNAL) != 0:
		return 0, EINVAL
	}
	return flags &^ MSG_NOSIGNAL, nil
}

// The directions of Shutdown.
const (
	SHUT_RD   = 0
	SHUT_WR   = 1
	SHUT_RDWR = 2
)

// The events of Poll, Linux's numbers.
const (
	POLLIN    int16 = 0x1    // there is something to read, or the end
	POLLPRI   int16 = 0x2    // there is urgent data
	POLLOUT   int16 = 0x4    // a send would take something
	POLLERR   int16 = 0x8    // an error waits
	POLLHUP   int16 = 0x10   // both directions have ended
	POLLNVAL  int16 = 0x20   // the socket is closed
	POLLRDHUP int16 = 0x2000 // the peer has ended its direction
)

// PollMax is how many entries one guest's poll may have.
const PollMax = 1024
