package control

import (
	"errors"
	"net"
)

// MaxDescriptors is none: on Windows no message has any.
const MaxDescriptors = 0

func write(c *net.UnixConn, line []byte, descriptors []int) error {
	if len(descriptors) > 0 {
		return errors.ErrUnsupported
	}
	_, err := c.Write(line)
	return err
}

func readFirst(c *net.UnixConn, first []byte) (n int, descriptors []int, err error) {
	n, err = c.Read(first)
	return n, nil, err
}

// CloseDescriptors has nothing to close.
func CloseDescriptors([]int) {}
