package native

import "golang.org/x/sys/unix"

// Refuse makes a listening socket take no new connection, while those that are
// under way or wait can still be accepted: so that it can be closed without one
// that the kernel has taken already. Who comes now is not answered, and asks
// again in a second. There is no call for this; a filter drops the segments
// that begin a connection (socket(7), SO_ATTACH_FILTER; the kernel gives it a
// segment from the TCP header on). What is accepted inherits the filter, and has
// no such segment to lose. It is of the socket, in whatever process.
func (s *socket) Refuse() error {
	const flags, syn = 13, 0x02 // RFC 9293, section 3.1
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: syn, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff},
	}
	program := &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	return s.control(func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, program)
	})
}
