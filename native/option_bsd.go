//go:build darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// places is where this system has an option of the contract. What is missing,
// and not in ownPlaces either, is Linux's alone.
var places = map[place]place{
	{core.SOL_SOCKET, core.SO_REUSEADDR}:  {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	{core.SOL_SOCKET, core.SO_ERROR}:      {unix.SOL_SOCKET, unix.SO_ERROR},
	{core.SOL_SOCKET, core.SO_BROADCAST}:  {unix.SOL_SOCKET, unix.SO_BROADCAST},
	{core.SOL_SOCKET, core.SO_SNDBUF}:     {unix.SOL_SOCKET, unix.SO_SNDBUF},
	{core.SOL_SOCKET, core.SO_RCVBUF}:     {unix.SOL_SOCKET, unix.SO_RCVBUF},
	{core.SOL_SOCKET, core.SO_KEEPALIVE}:  {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	{core.SOL_SOCKET, core.SO_REUSEPORT}:  {unix.SOL_SOCKET, unix.SO_REUSEPORT},
	{core.SOL_SOCKET, core.SO_ACCEPTCONN}: {unix.SOL_SOCKET, unix.SO_ACCEPTCONN},

	{core.SOL_IP, core.IP_TOS}:             {unix.IPPROTO_IP, unix.IP_TOS},
	{core.SOL_IP, core.IP_TTL}:             {unix.IPPROTO_IP, unix.IP_TTL},
	{core.SOL_IP, core.IP_MULTICAST_TTL}:   {unix.IPPROTO_IP, unix.IP_MULTICAST_TTL},
	{core.SOL_IP, core.IP_MULTICAST_LOOP}:  {unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP},
	{core.SOL_IP, core.IP_ADD_MEMBERSHIP}:  {unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP},
	{core.SOL_IP, core.IP_DROP_MEMBERSHIP}: {unix.IPPROTO_IP, unix.IP_DROP_MEMBERSHIP},

	{core.SOL_IPV6, core.IPV6_UNICAST_HOPS}:   {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	{core.SOL_IPV6, core.IPV6_MULTICAST_IF}:   {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF},
	{core.SOL_IPV6, core.IPV6_MULTICAST_HOPS}: {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS},
	{core.SOL_IPV6, core.IPV6_MULTICAST_LOOP}: {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP},
	{core.SOL_IPV6, core.IPV6_JOIN_GROUP}:     {unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP},
	{core.SOL_IPV6, core.IPV6_LEAVE_GROUP}:    {unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP},
	{core.SOL_IPV6, core.IPV6_V6ONLY}:         {unix.IPPROTO_IPV6, unix.IPV6_V6ONLY},

	{core.SOL_TCP, core.TCP_NODELAY}:   {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	{core.SOL_TCP, core.TCP_MAXSEG}:    {unix.IPPROTO_TCP, unix.TCP_MAXSEG},
	{core.SOL_TCP, core.TCP_KEEPINTVL}: {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	{core.SOL_TCP, core.TCP_KEEPCNT}:   {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
}

// placeOf returns the system's numbers of an option, ENOPROTOOPT where it has
// none.
func placeOf(o core.Option) (level, option int, err error) {
	key := place{o.Level, o.Option}
	p, ok := places[key]
	if !ok {
		p, ok = ownPlaces[key]
	}
	if !ok {
		return 0, 0, unix.ENOPROTOOPT
	}
	return p.level, p.option, nil
}

// getOption returns a value in the contract's layout. What the socket was made
// with is answered from it, in the contract's numbers.
func getOption(s *socket, fd int, o core.Option) ([]byte, error) {
	if value, ok := madeWith(s, o); ok {
		return appendInt(nil, value), nil
	}
	level, option, err := placeOf(o)
	if err != nil {
		return nil, err
	}
	switch o.Kind {
	case core.OptionLinger:
		linger, err := unix.GetsockoptLinger(fd, level, option)
		return appendInt(appendInt(nil, int(linger.Onoff)), int(linger.Linger)), err
	case core.OptionText:
		text, err := unix.GetsockoptString(fd, level, option)
		return []byte(text), err
	}
	value, err := unix.GetsockoptInt(fd, level, option)
	return appendInt(nil, value), err
}
