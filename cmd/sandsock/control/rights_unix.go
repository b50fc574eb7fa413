//go:build unix

package control

import (
	"net"

	"golang.org/x/sys/unix"
)

// MaxDescriptors is how many one message can have: Linux's SCM_MAX_FD.
const MaxDescriptors = 253

// write writes a line; descriptors go with its first byte (unix(7), SCM_RIGHTS).
func write(c *net.UnixConn, line []byte, descriptors []int) error {
	if len(descriptors) > 0 {
		if _, _, err := c.WriteMsgUnix(line[:1], unix.UnixRights(descriptors...), nil); err != nil {
			return err
		}
		line = line[1:]
	}
	_, err := c.Write(line)
	return err
}

// readFirst reads a byte, and the descriptors that came with it. They are
// close-on-exec, and the caller's.
func readFirst(c *net.UnixConn, first []byte) (n int, descriptors []int, err error) {
	room := make([]byte, unix.CmsgSpace(4*MaxDescriptors))
	n, m, flags, _, err := c.ReadMsgUnix(first, room)
	if err != nil {
		return n, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(room[:m])
	for i := range messages {
		if got, err := unix.ParseUnixRights(&messages[i]); err == nil {
			descriptors = append(descriptors, got...)
		}
	}
	if err == nil && flags&unix.MSG_CTRUNC != 0 {
		err = errDescriptorsLost
	}
	if err != nil {
		CloseDescriptors(descriptors)
		return n, nil, err
	}
	return n, descriptors, nil
}

// CloseDescriptors closes what was received.
func CloseDescriptors(descriptors []int) {
	for _, fd := range descriptors {
		_ = unix.Close(fd)
	}
}
