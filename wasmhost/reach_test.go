package wasmhost

import (
	"encoding/binary"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// What reaches beyond a socket's own addresses.

func TestAnOptionThatReachesFurtherNeedsItsGrant(t *testing.T) {
	const stream, datagram = 3, 4
	on := string(binary.LittleEndian.AppendUint32(nil, 1))
	tests := []struct {
		name   string
		fd     uint64
		level  uint64
		option uint64
		value  string
		want   core.Errno
		allow  string // what makes it pass the check
	}{
		{"sharing a port", stream, core.SOL_SOCKET, core.SO_REUSEPORT, on, core.EACCES, "--allow-listen '*'"},
		{"not sharing it", stream, core.SOL_SOCKET, core.SO_REUSEPORT, "\x00\x00\x00\x00", 0, ""},
		{"sharing a datagram port", datagram, core.SOL_SOCKET, core.SO_REUSEADDR, on, core.EACCES, "--allow-listen '*'"},
		{"the usual of a server", stream, core.SOL_SOCKET, core.SO_REUSEADDR, on, 0, ""},
		{"a device", stream, core.SOL_SOCKET, core.SO_BINDTODEVICE, "lo", core.EACCES, "--allow-connect '*'"},
		{"broadcasts", datagram, core.SOL_SOCKET, core.SO_BROADCAST, on, core.EACCES, "--allow-send 255.255.255.255"},
		{"a group", datagram, core.SOL_IP, core.IP_ADD_MEMBERSHIP, "\xe0\x00\x00\x09\x00\x00\x00\x00", core.EACCES, "--allow-listen 224.0.0.9:0"},
		{"half a group", datagram, core.SOL_IP, core.IP_ADD_MEMBERSHIP, "\xe0", core.EINVAL, ""},
		{"an unknown level", stream, 99, 1, on, core.ENOPROTOOPT, ""},
		{"an unknown option", stream, core.SOL_SOCKET, 36, on, core.ENOPROTOOPT, ""}, // SO_MARK
		{"a huge option", stream, 0xffffffff, 0x80000000, on, core.ENOPROTOOPT, ""},
		{"half a number", stream, core.SOL_SOCKET, core.SO_KEEPALIVE, "\x01", core.EINVAL, ""},
	}
	f := newFixture(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.t, f.reports.all = t, nil
			d := f.newDriver(nil)
			d.ok("socket", 2, 1, 0)
			d.ok("socket", 2, 2, 0)
			ptr, length := d.put(tt.value)
			set := func() core.Errno {
				return core.Errno(-d.call("setsockopt", tt.fd, tt.level, tt.option, ptr, length))
			}
			if got := set(); got != tt.want {
				t.Fatalf("setsockopt: %v, want %v", got, tt.want)
			}
			if tt.allow == "" {
				return
			}
			if r := f.reports.wait(t, EventDenied); r.Allow != tt.allow {
				t.Errorf("it would be allowed by %s, want %s", r.Allow, tt.allow)
			}
			d.grants = pasted(t, tt.allow)
			if got := set(); got == core.EACCES {
				t.Errorf("with %s it is still refused", tt.allow)
			}
		})
	}
}

func TestAValueOfAnOptionHasALimit(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	d.ok("socket", 2, 1, 0)
	d.fails(core.EINVAL, "setsockopt", 3, core.SOL_SOCKET, core.SO_KEEPALIVE, 0, maxOption+1)
	d.ok("setsockopt", 3, core.SOL_SOCKET, core.SO_KEEPALIVE, 0, maxOption)
}

// TestOnlyTCPAndUDP has the sockets that no grant of an address and a port
// tells of. A network that makes them all stands for a kernel that would.
func TestOnlyTCPAndUDP(t *testing.T) {
	const mptcp, icmp, sctp, udplite = 262, 1, 132, 136
	f := newFixture(t, func(c *Config) { c.Network = willing{c.Network} })
	d := f.newDriver(nil)
	for _, tt := range []struct {
		family, typ, proto uint64
		want               core.Errno
	}{
		{2, 1, mptcp, core.EPROTONOSUPPORT},
		{10, 1, mptcp, core.EPROTONOSUPPORT},
		{2, 1, sctp, core.EPROTONOSUPPORT},
		{2, 1, core.IPPROTO_UDP, core.EPROTONOSUPPORT},
		{2, 2, icmp, core.EPROTONOSUPPORT},
		{10, 2, 58, core.EPROTONOSUPPORT}, // ICMPv6
		{2, 2, udplite, core.EPROTONOSUPPORT},
		{2, 1, 263, core.EINVAL},
		{2, 1, 0xffffffff, core.EINVAL},
		{2, 3, 0, core.EPERM},
		{2, 3, 255, core.EPERM},
		{17, 3, 0, core.EPERM},
		{2, 1, core.IPPROTO_TCP, 0},
		{10, 2, core.IPPROTO_UDP, 0},
	} {
		if got := d.call("socket", tt.family, tt.typ, tt.proto); got < 0 != (tt.want != 0) || got < 0 && core.Errno(-got) != tt.want {
			t.Errorf("socket(%d, %d, %d) = %d, want %v", tt.family, tt.typ, tt.proto, got, tt.want)
		}
	}
}

type willing struct{ core.Network }

func (n willing) Socket(family core.Family, typ core.Type, _ int) (core.Socket, error) {
	return n.Network.Socket(core.AF_INET, min(typ, core.SOCK_DGRAM), 0)
}

func TestAnAcceptedConnectionDoesNotLingerEither(t *testing.T) {
	for _, call := range []string{"accept", "sock_accept"} {
		f := newFixture(t, nil)
		d := f.newDriver(nil)
		d.ok("socket", 2, 1, 0)
		d.ok("bind", append([]uint64{3}, d.bindAny()...)...)
		d.ok("listen", 3, 1)
		d.memory.Write(bufferAt, []byte{1, 0, 0, 0, 60, 0, 0, 0})
		d.ok("setsockopt", 3, core.SOL_SOCKET, core.SO_LINGER, bufferAt, 8)
		address, err := d.table.entries[3].socket.GetSockName()
		must(t, err)
		must(t, f.socket(core.SOCK_STREAM).Connect(address))
		if call == "accept" {
			d.ok(call, 3, 0, 0, 0)
		} else {
			d.errno(0, call, 3, 0, resultAt)
		}
		lingering := &lingering{Socket: d.table.entries[4].socket}
		d.table.entries[4].socket = lingering
		d.ok("close", 4)
		if lingering.set != "\x00\x00\x00\x00\x00\x00\x00\x00|" {
			t.Errorf("%s: before the close SO_LINGER was set to %q", call, lingering.set)
		}
	}
}

func TestAPortOfAnotherGuestCannotBeTaken(t *testing.T) {
	f := newFixture(t, nil)
	first := f.newDriver(grant(t, core.UseListen, "127.0.0.1", "127.0.0.2:80"))
	second := f.newDriver(grant(t, core.UseListen, "127.0.0.1"))
	for _, typ := range []uint64{uint64(core.SOCK_STREAM), uint64(core.SOCK_DGRAM)} {
		for _, option := range []uint64{0, core.SO_REUSEADDR, core.SO_REUSEPORT} {
			taken := uint64(first.ok("socket", 2, typ, 0))
			mine := uint64(second.ok("socket", 2, typ, 0))
			for d, fd := range map[*driver]uint64{first: taken, second: mine} {
				d.memory.WriteUint32Le(bufferAt, 1)
				d.call("setsockopt", fd, core.SOL_SOCKET, option, bufferAt, 4)
			}
			ptr, length := first.put("127.0.0.1:0")
			first.ok("bind", taken, ptr, length)
			if typ == uint64(core.SOCK_STREAM) {
				first.ok("listen", taken, 1)
			}
			address, err := first.table.entries[taken].socket.GetSockName()
			must(t, err)
			ptr, length = second.put(address.String())
			second.fails(core.EADDRINUSE, "bind", mine, ptr, length)
			first.ok("close", taken)
			second.ok("close", mine)
		}
	}
}
