//go:build !wasip1

package socket

import (
	"context"
	"math"
	"net/netip"
	"strings"
	"testing"
	"unsafe"

	"github.com/sandsock/sandsock/core"
)

// testHost is a host in the same process: it does what the guest contract
// says over a network of its own, so that the SDK's side of every call can be
// tested natively. It checks no pointer and grants everything.
type testHost struct {
	network core.Network
	sockets map[int32]core.Socket
	closes  int // how often close was called
}

// lend puts a host in the place of the calls until the test ends.
func lend(t *testing.T, network core.Network) *testHost {
	h := &testHost{network: network, sockets: map[int32]core.Socket{}}
	h.install()
	t.Cleanup(func() {
		for _, s := range h.sockets {
			s.Close()
		}
		(&testHost{}).install() // a host without a socket: EBADF
	})
	return h
}

func (h *testHost) install() {
	hostSocket, hostBind, hostListen, hostAccept = h.socket, h.bind, h.listen, h.accept
	hostConnect, hostConnectEx = h.connect, h.connectEx
	hostRecv, hostRecvfrom = h.recv, h.recvfrom
	hostSend, hostSendall, hostSendto = h.send, h.sendall, h.sendto
	hostSettimeout, hostGettimeout, hostSetblocking = h.settimeout, h.gettimeout, h.setblocking
	hostGetpeername, hostGetsockname = h.getpeername, h.getsockname
	hostShutdown, hostClose = h.shutdown, h.close
	hostSetsockopt, hostGetsockopt = h.setsockopt, h.getsockopt
	hostPoll, hostGetaddrinfo = h.poll, h.getaddrinfo
}

// put gives a socket a descriptor of the guest's: the lowest free.
func (h *testHost) put(s core.Socket) int32 {
	fd := int32(3)
	for h.sockets[fd] != nil {
		fd++
	}
	h.sockets[fd] = s
	return fd
}

// on makes a call on the socket behind fd and returns what the guest gets.
func (h *testHost) on(fd int32, call func(core.Socket) (int, error)) int32 {
	s := h.sockets[fd]
	if s == nil {
		return -int32(core.EBADF)
	}
	return result(call(s))
}

func result(n int, err error) int32 {
	if err != nil {
		return -int32(core.AsErrno(err))
	}
	return int32(n)
}

// to is on for a call with an address.
func (h *testHost) to(fd int32, text *byte, length uint32, call func(core.Socket, netip.AddrPort) (int, error)) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		address, err := core.ResolveAddress(context.Background(), h.network, s.Family(), string(unsafe.Slice(text, length)))
		if err != nil {
			return 0, err
		}
		return call(s, address)
	})
}

// store copies text to the guest's room, cut where it does not fit.
func store(room *byte, capacity uint32, text string) int {
	copy(unsafe.Slice(room, capacity), text)
	return len(text)
}

func storeAddress(room *byte, capacity uint32, address netip.AddrPort) int {
	return store(room, capacity, string(core.AppendAddress(nil, address)))
}

func (h *testHost) socket(family, typ, proto int32) int32 {
	s, err := h.network.Socket(core.Family(family), core.Type(typ), int(proto))
	if err != nil {
		return result(0, err)
	}
	return h.put(s)
}

func (h *testHost) bind(fd int32, text *byte, length uint32) int32 {
	return h.to(fd, text, length, func(s core.Socket, address netip.AddrPort) (int, error) { return 0, s.Bind(address) })
}

func (h *testHost) listen(fd, backlog int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return 0, s.Listen(int(backlog)) })
}

func (h *testHost) accept(fd int32, room *byte, capacity uint32, length *uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		accepted, peer, err := s.Accept()
		if err != nil {
			return 0, err
		}
		*length = uint32(storeAddress(room, capacity, peer))
		return int(h.put(accepted)), nil
	})
}

func (h *testHost) connect(fd int32, text *byte, length uint32) int32 {
	return h.to(fd, text, length, func(s core.Socket, address netip.AddrPort) (int, error) { return 0, s.Connect(address) })
}

func (h *testHost) connectEx(fd int32, text *byte, length uint32) int32 {
	return h.to(fd, text, length, func(s core.Socket, address netip.AddrPort) (int, error) { return 0, s.ConnectEx(address) })
}

func (h *testHost) recv(fd int32, p *byte, length uint32, flags int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return s.Recv(unsafe.Slice(p, length), int(flags)) })
}

func (h *testHost) recvfrom(fd int32, p *byte, length uint32, flags int32, room *byte, capacity uint32, addressLength *uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		n, from, err := s.RecvFrom(unsafe.Slice(p, length), int(flags))
		*addressLength = uint32(storeAddress(room, capacity, from))
		return n, err
	})
}

func (h *testHost) send(fd int32, p *byte, length uint32, flags int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return s.Send(unsafe.Slice(p, length), int(flags)) })
}

func (h *testHost) sendall(fd int32, p *byte, length uint32, flags int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return 0, s.SendAll(unsafe.Slice(p, length), int(flags)) })
}

func (h *testHost) sendto(fd int32, p *byte, length uint32, flags int32, text *byte, textLength uint32) int32 {
	return h.to(fd, text, textLength, func(s core.Socket, address netip.AddrPort) (int, error) {
		return s.SendTo(unsafe.Slice(p, length), int(flags), address)
	})
}

func (h *testHost) settimeout(fd int32, seconds float64) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		d, err := core.TimeoutFromSeconds(seconds)
		if err != nil {
			return 0, err
		}
		return 0, s.SetTimeout(d)
	})
}

func (h *testHost) gettimeout(fd int32) float64 {
	s := h.sockets[fd]
	if s == nil {
		return math.NaN()
	}
	d, _ := s.GetTimeout()
	return core.TimeoutSeconds(d)
}

func (h *testHost) setblocking(fd, flag int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return 0, s.SetBlocking(flag != 0) })
}

func (h *testHost) getpeername(fd int32, room *byte, capacity uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		address, err := s.GetPeerName()
		return storeAddress(room, capacity, address), err
	})
}

func (h *testHost) getsockname(fd int32, room *byte, capacity uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		address, err := s.GetSockName()
		return storeAddress(room, capacity, address), err
	})
}

func (h *testHost) shutdown(fd, how int32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) { return 0, s.Shutdown(int(how)) })
}

func (h *testHost) close(fd int32) int32 {
	h.closes++
	return h.on(fd, func(s core.Socket) (int, error) {
		delete(h.sockets, fd)
		return 0, s.Close()
	})
}

func (h *testHost) setsockopt(fd, level, option int32, value *byte, length uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		return 0, s.SetSockOpt(int(level), int(option), unsafe.Slice(value, length))
	})
}

func (h *testHost) getsockopt(fd, level, option int32, value *byte, capacity uint32) int32 {
	return h.on(fd, func(s core.Socket) (int, error) {
		return s.GetSockOpt(int(level), int(option), unsafe.Slice(value, capacity))
	})
}

func (h *testHost) poll(first *pollEntry, count uint32, seconds float64) int32 {
	timeout, err := core.TimeoutFromSeconds(seconds)
	if err != nil {
		return result(0, err)
	}
	entries := unsafe.Slice(first, count)
	list := make([]core.PollFd, count)
	for i, entry := range entries {
		if entry.fd >= 0 {
			list[i] = core.PollFd{Socket: h.sockets[entry.fd], Events: entry.events}
		}
	}
	n, err := h.network.Poll(context.Background(), list, timeout)
	for i := range entries {
		entries[i].revents = list[i].Revents
	}
	return result(n, err)
}

func (h *testHost) getaddrinfo(name *byte, length uint32, family int32, room *byte, capacity uint32) int32 {
	found, err := h.network.GetAddrInfo(context.Background(), unsafe.String(name, length), core.Family(family))
	if err != nil {
		return result(0, err)
	}
	var lines strings.Builder
	for _, ip := range found {
		lines.WriteString(ip.String() + "\n")
	}
	return int32(store(room, capacity, lines.String()))
}
