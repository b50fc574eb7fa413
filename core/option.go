package core

import "encoding/binary"

// OptionKind says how an option's value is laid out in bytes. Numbers are
// little-endian on every system.
type OptionKind uint8

// The layouts.
const (
	OptionInt    OptionKind = iota // i32
	OptionLinger                   // i32 on or off, i32 seconds
	OptionMreq                     // group (4 bytes), local address (4 bytes)
	OptionMreq6                    // group (16 bytes), u32 interface number
	OptionText                     // bytes of text, no terminator
	OptionInfo                     // a prefix of Linux's struct tcp_info
)

// The levels of an option, Linux's numbers.
const (
	SOL_SOCKET = 1
	SOL_IP     = 0
	SOL_TCP    = 6
	SOL_UDP    = 17
	SOL_IPV6   = 41
)

// The options, Linux's numbers.
const (
	SO_REUSEADDR    = 2
	SO_TYPE         = 3
	SO_ERROR        = 4
	SO_BROADCAST    = 6
	SO_SNDBUF       = 7
	SO_RCVBUF       = 8
	SO_KEEPALIVE    = 9
	SO_LINGER       = 13
	SO_REUSEPORT    = 15
	SO_BINDTODEVICE = 25
	SO_ACCEPTCONN   = 30
	SO_PROTOCOL     = 38
	SO_DOMAIN       = 39

	IP_TOS             = 1
	IP_TTL             = 2
	IP_MULTICAST_TTL   = 33
	IP_MULTICAST_LOOP  = 34
	IP_ADD_MEMBERSHIP  = 35
	IP_DROP_MEMBERSHIP = 36

	IPV6_UNICAST_HOPS   = 16
	IPV6_MULTICAST_IF   = 17
	IPV6_MULTICAST_HOPS = 18
	IPV6_MULTICAST_LOOP = 19
	IPV6_JOIN_GROUP     = 20
	IPV6_LEAVE_GROUP    = 21
	IPV6_V6ONLY         = 26

	TCP_NODELAY      = 1
	TCP_MAXSEG       = 2
	TCP_KEEPIDLE     = 4
	TCP_KEEPINTVL    = 5
	TCP_KEEPCNT      = 6
	TCP_INFO         = 11
	TCP_QUICKACK     = 12
	TCP_CONGESTION   = 13
	TCP_USER_TIMEOUT = 18
)

// Option is one socket option of the contract.
type Option struct {
	Level, Option int
	Name          string
	Kind          OptionKind
	Get, Set      bool // which of the two calls it takes
}

// Options is every socket option of the contract; any other is ENOPROTOOPT.
// SO_ERROR gives a guest error number. Timeouts are SetTimeout's, so neither
// SO_RCVTIMEO nor SO_SNDTIMEO is here.
var Options = []Option{
	{SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", OptionInt, true, true},
	{SOL_SOCKET, SO_TYPE, "SO_TYPE", OptionInt, true, false},
	{SOL_SOCKET, SO_ERROR, "SO_ERROR", OptionInt, true, false},
	{SOL_SOCKET, SO_BROADCAST, "SO_BROADCAST", OptionInt, true, true},
	{SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF", OptionInt, true, true},
	{SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", OptionInt, true, true},
	{SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", OptionInt, true, true},
	{SOL_SOCKET, SO_LINGER, "SO_LINGER", OptionLinger, true, true},
	{SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT", OptionInt, true, true},
	{SOL_SOCKET, SO_BINDTODEVICE, "SO_BINDTODEVICE", OptionText, true, true},
	{SOL_SOCKET, SO_ACCEPTCONN, "SO_ACCEPTCONN", OptionInt, true, false},
	{SOL_SOCKET, SO_PROTOCOL, "SO_PROTOCOL", OptionInt, true, false},
	{SOL_SOCKET, SO_DOMAIN, "SO_DOMAIN", OptionInt, true, false},

	{SOL_IP, IP_TOS, "IP_TOS", OptionInt, true, true},
	{SOL_IP, IP_TTL, "IP_TTL", OptionInt, true, true},
	{SOL_IP, IP_MULTICAST_TTL, "IP_MULTICAST_TTL", OptionInt, true, true},
	{SOL_IP, IP_MULTICAST_LOOP, "IP_MULTICAST_LOOP", OptionInt, true, true},
	{SOL_IP, IP_ADD_MEMBERSHIP, "IP_ADD_MEMBERSHIP", OptionMreq, false, true},
	{SOL_IP, IP_DROP_MEMBERSHIP, "IP_DROP_MEMBERSHIP", OptionMreq, false, true},

	{SOL_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS", OptionInt, true, true},
	{SOL_IPV6, IPV6_MULTICAST_IF, "IPV6_MULTICAST_IF", OptionInt, true, true},
	{SOL_IPV6, IPV6_MULTICAST_HOPS, "IPV6_MULTICAST_HOPS", OptionInt, true, true},
	{SOL_IPV6, IPV6_MULTICAST_LOOP, "IPV6_MULTICAST_LOOP", OptionInt, true, true},
	{SOL_IPV6, IPV6_JOIN_GROUP, "IPV6_JOIN_GROUP", OptionMreq6, false, true},
	{SOL_IPV6, IPV6_LEAVE_GROUP, "IPV6_LEAVE_GROUP", OptionMreq6, false, true},
	{SOL_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY", OptionInt, true, true},

	{SOL_TCP, TCP_NODELAY, "TCP_NODELAY", OptionInt, true, true},
	{SOL_TCP, TCP_MAXSEG, "TCP_MAXSEG", OptionInt, true, true},
	{SOL_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE", OptionInt, true, true},
	{SOL_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL", OptionInt, true, true},
	{SOL_TCP, TCP_KEEPCNT, "TCP_KEEPCNT", OptionInt, true, true},
	{SOL_TCP, TCP_INFO, "TCP_INFO", OptionInfo, true, false},
	{SOL_TCP, TCP_QUICKACK, "TCP_QUICKACK", OptionInt, true, true},
	{SOL_TCP, TCP_CONGESTION, "TCP_CONGESTION", OptionText, true, true},
	{SOL_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", OptionInt, true, true},
}

// FindOption returns the option of the contract with these numbers.
func FindOption(level, option int) (Option, bool) {
	for _, o := range Options {
		if o.Level == level && o.Option == option {
			return o, true
		}
	}
	return Option{}, false
}

// SetInt sets an option whose value is one number.
func SetInt(s Socket, level, option, value int) error {
	return s.SetSockOpt(level, option, binary.LittleEndian.AppendUint32(nil, uint32(int32(value))))
}

// GetInt returns an option whose value is one number.
func GetInt(s Socket, level, option int) (int, error) {
	var value [4]byte
	if _, err := s.GetSockOpt(level, option, value[:]); err != nil {
		return 0, err
	}
	return int(int32(binary.LittleEndian.Uint32(value[:]))), nil
}
