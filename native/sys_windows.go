package native

import (
	"math"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// The functions of Winsock that package windows does not have, or not with
// their results.
var (
	winsock         = windows.NewLazySystemDLL("ws2_32.dll")
	procAccept      = winsock.NewProc("accept")
	procIoctlSocket = winsock.NewProc("ioctlsocket")
	procRecv        = winsock.NewProc("recv")
	procRecvFrom    = winsock.NewProc("recvfrom")
	procSend        = winsock.NewProc("send")
)

// startWinsock asks for version 2.2; the matching WSACleanup is the end of the
// process.
var startWinsock = sync.OnceValue(func() error {
	var data windows.WSAData
	return windows.WSAStartup(0x0202, &data)
})

func domainOf(family core.Family) (int, error) {
	switch family {
	case core.AF_INET:
		return windows.AF_INET, nil
	case core.AF_INET6:
		return windows.AF_INET6, nil
	}
	return 0, core.EAFNOSUPPORT
}

// openSocket makes a socket with the defaults of Linux where those of Winsock
// are others: see prepare.
func openSocket(domain, typ, proto int) (int, error) {
	if err := startWinsock(); err != nil {
		return -1, err
	}
	handle, err := windows.WSASocket(int32(domain), int32(typ), int32(proto), nil, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	switch err {
	case nil:
	case windows.WSAEPROTOTYPE: // a protocol of another type
		return -1, core.EPROTONOSUPPORT
	case windows.WSAEACCES: // SOCK_RAW without the right
		return -1, core.EPERM
	default:
		return -1, err
	}
	if err := prepare(handle, domain, typ); err != nil {
		_ = windows.Closesocket(handle)
		return -1, err
	}
	return int(handle), nil
}

// prepare makes a socket non-blocking and gives it Linux's defaults.
//
// An IPv6 socket takes IPv4 too, which on Windows is off. A port in use is
// taken, which on Windows it is not for everybody: setReuse. A datagram socket
// without a peer hears nothing of unreachable ports, which on Windows makes
// the next receive fail: see SIO_UDP_CONNRESET in Winsock IOCTLs.
func prepare(handle windows.Handle, domain, typ int) error {
	if err := setNonblocking(handle); err != nil {
		return err
	}
	if domain == windows.AF_INET6 {
		if err := windows.SetsockoptInt(handle, windows.IPPROTO_IPV6, windows.IPV6_V6ONLY, 0); err != nil {
			return err
		}
	}
	if typ == windows.SOCK_DGRAM {
		tellUnreachable(handle, false)
	}
	return setReuse(handle, false)
}

func setNonblocking(handle windows.Handle) error {
	const fionbio = 0x8004667e // winsock2.h
	on := uint32(1)
	_, err := result(procIoctlSocket, uintptr(handle), fionbio, uintptr(unsafe.Pointer(&on)))
	return err
}

// tellUnreachable sets whether a port that an ICMP message calls unreachable
// fails the next receive. A system without the request tells always, and the
// receive passes over it.
func tellUnreachable(handle windows.Handle, on bool) {
	value := [4]byte{}
	if on {
		value[0] = 1
	}
	var n uint32
	for _, request := range []uint32{windows.SIO_UDP_CONNRESET, windows.SIO_UDP_NETRESET} {
		_ = windows.WSAIoctl(handle, request, &value[0], uint32(len(value)), nil, 0, &n, nil, 0)
	}
}

// baseHandle is what the driver knows a socket by. It is another than the
// socket where a layered provider stands between (SIO_BASE_HANDLE).
func baseHandle(fd int) windows.Handle {
	const sioBaseHandle = 0x48000022 // mswsock.h
	var base windows.Handle
	var n uint32
	err := windows.WSAIoctl(windows.Handle(fd), sioBaseHandle, nil, 0,
		(*byte)(unsafe.Pointer(&base)), uint32(unsafe.Sizeof(base)), &n, nil, 0)
	if err != nil {
		return windows.Handle(fd)
	}
	return base
}

// acceptSocket is accept. The connection has its listener's mode and options;
// that it is not inheritable has to be said again.
func acceptSocket(fd int) (int, windows.Sockaddr, error) {
	var from windows.RawSockaddrAny
	size := int32(unsafe.Sizeof(from))
	conn, err := result(procAccept, uintptr(fd), uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	if err != nil {
		return -1, nil, err
	}
	handle := windows.Handle(conn)
	err = setNonblocking(handle)
	if err == nil {
		err = windows.SetHandleInformation(handle, windows.HANDLE_FLAG_INHERIT, 0)
	}
	if err != nil {
		_ = windows.Closesocket(handle)
		return -1, nil, err
	}
	name, err := from.Sockaddr()
	return int(conn), name, err
}

// receive is recv, which counts in an int of 32 bits.
func receive(fd int, p []byte, flags int) (int, error) {
	p = p[:min(len(p), math.MaxInt32)]
	n, err := result(procRecv, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags))
	return int(n), err
}

// receiveFrom is recvfrom. The sender comes with WSAEMSGSIZE too.
func receiveFrom(fd int, p []byte, flags int) (int, windows.Sockaddr, error) {
	p = p[:min(len(p), math.MaxInt32)]
	var from windows.RawSockaddrAny
	size := int32(unsafe.Sizeof(from))
	n, err := result(procRecvFrom, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		uintptr(flags), uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	name, _ := from.Sockaddr() // nil where there is none
	return int(n), name, err
}

// send is send.
func send(fd int, p []byte) (int, error) {
	n, err := result(procSend, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0)
	return int(n), err
}

// result calls a function whose result is an int or a SOCKET, and -1 for an
// error, which the thread's last error then is.
//
//go:uintptrescapes
func result(proc *windows.LazyProc, args ...uintptr) (uintptr, error) {
	r, _, errno := syscall.SyscallN(proc.Addr(), args...)
	if int32(r) == -1 {
		if errno == 0 {
			errno = windows.WSAEINVAL
		}
		return 0, errno
	}
	return r, nil
}
