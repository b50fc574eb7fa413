//go:build unix

package notify

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const speaks = true

// send is what package net does not do on a datagram socket that is connected.
func send(socket syscall.RawConn, text, control []byte) {
	_ = socket.Write(func(fd uintptr) bool {
		err := unix.Sendmsg(int(fd), text, control, nil, 0)
		for err == unix.EINTR {
			err = unix.Sendmsg(int(fd), text, control, nil, 0)
		}
		return err != unix.EAGAIN
	})
}

func rights(descriptor int) []byte { return unix.UnixRights(descriptor) }

// monotonic is the time by which systemd tells a reload from the one before
// (systemd.service(5), Type=notify-reload).
func monotonic() string {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return "MONOTONIC_USEC=" + strconv.FormatInt(now.Nano()/1000, 10)
}
