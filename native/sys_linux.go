package native

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// finishConnect takes the outcome of a connect as a blocking connect(2) does,
// by calling it again. That also takes the kernel's socket out of its state
// SS_CONNECTING, so that the next connect is EISCONN, or begins anew after a
// refusal. See net/ipv4/af_inet.c, __inet_stream_connect.
func finishConnect(fd int, to unix.Sockaddr) error {
	switch err := unix.Connect(fd, to); err {
	case unix.EISCONN: // another goroutine was first
		return nil
	case unix.EALREADY, unix.EINPROGRESS:
		return unix.EAGAIN
	default:
		return err
	}
}

// The contract's events are Linux's.
func toPoll(events int16) int16       { return events }
func fromPoll(_, revents int16) int16 { return revents }

// receive is recv(2). Package unix has it only with a sender's address, which
// costs an allocation for a datagram, and time for all.
func receive(fd int, p []byte, flags int) (int, error) {
	return transfer(unix.SYS_RECVFROM, fd, p, flags)
}

// send is send(2), which package unix has only without the count.
func send(fd int, p []byte) (int, error) {
	return transfer(unix.SYS_SENDTO, fd, p, unix.MSG_NOSIGNAL)
}

func transfer(call uintptr, fd int, p []byte, flags int) (int, error) {
	n, _, errno := unix.Syscall6(call, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
