package native

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// Winsock's numbers that package windows does not have.
const (
	soAcceptConn    = 0x0002
	soError         = 0x1007
	soType          = 0x1008
	soExclusiveAddr = ^0x0004 // ~SO_REUSEADDR
)

// places is where Winsock has an option of the contract. SO_REUSEADDR is
// setReuse's; what is missing otherwise is ENOPROTOOPT.
var places = map[place]place{
	{core.SOL_SOCKET, core.SO_ERROR}:      {windows.SOL_SOCKET, soError},
	{core.SOL_SOCKET, core.SO_BROADCAST}:  {windows.SOL_SOCKET, windows.SO_BROADCAST},
	{core.SOL_SOCKET, core.SO_SNDBUF}:     {windows.SOL_SOCKET, windows.SO_SNDBUF},
	{core.SOL_SOCKET, core.SO_RCVBUF}:     {windows.SOL_SOCKET, windows.SO_RCVBUF},
	{core.SOL_SOCKET, core.SO_KEEPALIVE}:  {windows.SOL_SOCKET, windows.SO_KEEPALIVE},
	{core.SOL_SOCKET, core.SO_LINGER}:     {windows.SOL_SOCKET, windows.SO_LINGER},
	{core.SOL_SOCKET, core.SO_ACCEPTCONN}: {windows.SOL_SOCKET, soAcceptConn},

	{core.SOL_IP, core.IP_TOS}:             {windows.IPPROTO_IP, windows.IP_TOS},
	{core.SOL_IP, core.IP_TTL}:             {windows.IPPROTO_IP, windows.IP_TTL},
	{core.SOL_IP, core.IP_MULTICAST_TTL}:   {windows.IPPROTO_IP, windows.IP_MULTICAST_TTL},
	{core.SOL_IP, core.IP_MULTICAST_LOOP}:  {windows.IPPROTO_IP, windows.IP_MULTICAST_LOOP},
	{core.SOL_IP, core.IP_ADD_MEMBERSHIP}:  {windows.IPPROTO_IP, windows.IP_ADD_MEMBERSHIP},
	{core.SOL_IP, core.IP_DROP_MEMBERSHIP}: {windows.IPPROTO_IP, windows.IP_DROP_MEMBERSHIP},

	{core.SOL_IPV6, core.IPV6_UNICAST_HOPS}:   {windows.IPPROTO_IPV6, windows.IPV6_UNICAST_HOPS},
	{core.SOL_IPV6, core.IPV6_MULTICAST_IF}:   {windows.IPPROTO_IPV6, windows.IPV6_MULTICAST_IF},
	{core.SOL_IPV6, core.IPV6_MULTICAST_HOPS}: {windows.IPPROTO_IPV6, windows.IPV6_MULTICAST_HOPS},
	{core.SOL_IPV6, core.IPV6_MULTICAST_LOOP}: {windows.IPPROTO_IPV6, windows.IPV6_MULTICAST_LOOP},
	{core.SOL_IPV6, core.IPV6_JOIN_GROUP}:     {windows.IPPROTO_IPV6, windows.IPV6_JOIN_GROUP},
	{core.SOL_IPV6, core.IPV6_LEAVE_GROUP}:    {windows.IPPROTO_IPV6, windows.IPV6_LEAVE_GROUP},
	{core.SOL_IPV6, core.IPV6_V6ONLY}:         {windows.IPPROTO_IPV6, windows.IPV6_V6ONLY},

	{core.SOL_TCP, core.TCP_NODELAY}:   {windows.IPPROTO_TCP, windows.TCP_NODELAY},
	{core.SOL_TCP, core.TCP_MAXSEG}:    {windows.IPPROTO_TCP, windows.TCP_MAXSEG},
	{core.SOL_TCP, core.TCP_KEEPIDLE}:  {windows.IPPROTO_TCP, windows.TCP_KEEPIDLE},
	{core.SOL_TCP, core.TCP_KEEPINTVL}: {windows.IPPROTO_TCP, windows.TCP_KEEPINTVL},
	{core.SOL_TCP, core.TCP_KEEPCNT}:   {windows.IPPROTO_TCP, windows.TCP_KEEPCNT},
}

// bounds is what Linux takes, and Windows does not refuse everywhere: tcp(7),
// ip(7), ipv6(7).
var bounds = map[place]struct{ least, most int32 }{
	{core.SOL_TCP, core.TCP_KEEPIDLE}:       {1, 32767},
	{core.SOL_TCP, core.TCP_KEEPINTVL}:      {1, 32767},
	{core.SOL_TCP, core.TCP_KEEPCNT}:        {1, 127},
	{core.SOL_IP, core.IP_TTL}:              {1, 255},
	{core.SOL_IPV6, core.IPV6_UNICAST_HOPS}: {-1, 255},
}

// switches are on or off; Linux takes any number for on and gives 1.
var switches = map[place]bool{
	{core.SOL_SOCKET, core.SO_BROADCAST}:      true,
	{core.SOL_SOCKET, core.SO_KEEPALIVE}:      true,
	{core.SOL_SOCKET, core.SO_ACCEPTCONN}:     true,
	{core.SOL_IP, core.IP_MULTICAST_LOOP}:     true,
	{core.SOL_IPV6, core.IPV6_MULTICAST_LOOP}: true,
	{core.SOL_IPV6, core.IPV6_V6ONLY}:         true,
	{core.SOL_TCP, core.TCP_NODELAY}:          true,
}

var reuseAddr = place{core.SOL_SOCKET, core.SO_REUSEADDR}

func setOption(fd int, o core.Option, value []byte) error {
	key, handle := place{o.Level, o.Option}, windows.Handle(fd)
	if o.Kind == core.OptionInt {
		number := int32(binary.LittleEndian.Uint32(value))
		if b, ok := bounds[key]; ok && (number < b.least || number > b.most) {
			return windows.WSAEINVAL
		}
		if key == reuseAddr {
			return setReuse(handle, number != 0)
		}
		if switches[key] {
			value = appendInt(nil, toSwitch(number))
		}
	}
	p, ok := places[key]
	if !ok {
		return windows.WSAENOPROTOOPT
	}
	if o.Kind == core.OptionLinger { // u_short each
		value = []byte{value[0], value[1], value[4], value[5]}
	}
	return windows.Setsockopt(handle, int32(p.level), int32(p.option), &value[0], int32(len(value)))
}

func toSwitch(number int32) int {
	if number != 0 {
		return 1
	}
	return 0
}

// setReuse is SO_REUSEADDR as Linux has it, out of Winsock's two options. On a
// stream it means that a port may be taken again while connections of before
// still end, and never that two may listen: off is SO_EXCLUSIVEADDRUSE, on is
// Winsock's default. Winsock's SO_REUSEADDR lets one take a port that another
// listens on; it is set on datagram sockets alone, where Linux's does the
// same. See Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE.
func setReuse(handle windows.Handle, on bool) error {
	typ, err := windows.GetsockoptInt(handle, windows.SOL_SOCKET, soType)
	if err != nil {
		return err
	}
	// The two exclude each other, so what is to be off goes first.
	set := func(option, value int) {
		if err == nil {
			err = windows.SetsockoptInt(handle, windows.SOL_SOCKET, option, value)
		}
	}
	switch {
	case !on:
		set(windows.SO_REUSEADDR, 0)
		set(soExclusiveAddr, 1)
	case typ == windows.SOCK_DGRAM:
		set(soExclusiveAddr, 0)
		set(windows.SO_REUSEADDR, 1)
	default:
		set(soExclusiveAddr, 0)
	}
	return err
}

// getOption returns a value in the contract's layout.
func getOption(s *socket, fd int, o core.Option) ([]byte, error) {
	if value, ok := madeWith(s, o); ok {
		return appendInt(nil, value), nil
	}
	key := place{o.Level, o.Option}
	switch key {
	case reuseAddr:
		exclusive, err := windows.GetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soExclusiveAddr)
		return appendInt(nil, 1-toSwitch(int32(exclusive))), err
	case place{core.SOL_SOCKET, core.SO_ERROR}:
		number, err := s.takeError(fd)
		return appendInt(nil, int(number)), err
	}
	p, ok := places[key]
	if !ok {
		return nil, windows.WSAENOPROTOOPT
	}
	var room [4]byte // some switches are one byte of it
	size := int32(len(room))
	err := windows.Getsockopt(windows.Handle(fd), int32(p.level), int32(p.option), &room[0], &size)
	value := binary.LittleEndian.Uint32(room[:])
	switch {
	case o.Kind == core.OptionLinger:
		return appendInt(appendInt(nil, int(value&0xffff)), int(value>>16)), err
	case switches[key]:
		return appendInt(nil, toSwitch(int32(value))), err
	}
	return appendInt(nil, int(int32(value))), err
}

// takeError is SO_ERROR: of a connect that failed, or a reset that no call
// has told yet, which Winsock's has not.
func (s *socket) takeError(fd int) (syscall.Errno, error) {
	if s.typ == core.SOCK_STREAM && !s.isStarted() {
		return 0, nil // the driver keeps the failure until the next connect
	}
	var taken error
	switch found, err := s.look(afdAbort | afdConnectFail); {
	case err != nil:
		return 0, err
	case found != 0 && s.phase.Load() == phaseConnecting:
		taken = s.failure(fd)
	case found&afdAbort != 0 && !s.peerEnded.Load() && !s.resetTold.Swap(true):
		taken = windows.WSAECONNRESET
	default:
		taken = pendingError(fd)
	}
	number, _ := taken.(syscall.Errno)
	return number, nil
}
