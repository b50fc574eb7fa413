package memnet

import (
	"encoding/binary"
	"maps"

	"github.com/sandsock/sandsock/core"
)

type optionKey struct{ level, option int }

// numberRule is how Linux treats an option that is one stored number.
type numberRule struct {
	initial  int32
	min, max int32 // beyond is EINVAL
	truth    bool  // any value but 0 is stored as 1
	reset    bool  // -1 brings the initial value back
	dgram    bool  // only a datagram socket has it
}

// numberRules has every option of [core.Options] that is one number and is
// kept as it is set.
var numberRules = map[optionKey]numberRule{
	{core.SOL_SOCKET, core.SO_REUSEADDR}: {truth: true},
	{core.SOL_SOCKET, core.SO_BROADCAST}: {truth: true},
	{core.SOL_SOCKET, core.SO_KEEPALIVE}: {truth: true},
	{core.SOL_SOCKET, core.SO_REUSEPORT}: {truth: true},
	{core.SOL_SOCKET, core.SO_RCVBUF}:    {initial: bufferInitial},
	{core.SOL_SOCKET, core.SO_SNDBUF}:    {initial: bufferInitial},

	{core.SOL_IP, core.IP_TOS}:            {min: -1 << 31, max: 1<<31 - 1},
	{core.SOL_IP, core.IP_TTL}:            {initial: 64, min: 1, max: 255, reset: true},
	{core.SOL_IP, core.IP_MULTICAST_TTL}:  {initial: 1, min: 0, max: 255, reset: true, dgram: true},
	{core.SOL_IP, core.IP_MULTICAST_LOOP}: {initial: 1, truth: true},

	{core.SOL_IPV6, core.IPV6_UNICAST_HOPS}:   {initial: 64, min: 0, max: 255, reset: true},
	{core.SOL_IPV6, core.IPV6_MULTICAST_IF}:   {min: 0, max: loopbackIndex, dgram: true},
	{core.SOL_IPV6, core.IPV6_MULTICAST_HOPS}: {initial: 1, min: 0, max: 255, reset: true, dgram: true},
	{core.SOL_IPV6, core.IPV6_MULTICAST_LOOP}: {initial: 1, min: 0, max: 1},
	{core.SOL_IPV6, core.IPV6_V6ONLY}:         {truth: true},

	{core.SOL_TCP, core.TCP_NODELAY}:      {truth: true},
	{core.SOL_TCP, core.TCP_MAXSEG}:       {initial: 536, min: 0, max: 32767},
	{core.SOL_TCP, core.TCP_KEEPIDLE}:     {initial: 7200, min: 1, max: 32767},
	{core.SOL_TCP, core.TCP_KEEPINTVL}:    {initial: 75, min: 1, max: 32767},
	{core.SOL_TCP, core.TCP_KEEPCNT}:      {initial: 9, min: 1, max: 127},
	{core.SOL_TCP, core.TCP_QUICKACK}:     {initial: 1, truth: true},
	{core.SOL_TCP, core.TCP_USER_TIMEOUT}: {min: 0, max: 1<<31 - 1},
}

// Linux stores twice what is set, for its own bookkeeping, between these
// bounds; half of it holds data. See socket(7).
const (
	bufferInitial   = 2 * 64 << 10
	bufferMax       = 8 << 20
	minReceive      = 2304
	minSend         = 4608
	congestionFirst = "cubic"
)

// SO_LINGER is stored as two numbers, on and seconds, the second under a key
// that is no option's.
var (
	lingerOn      = optionKey{core.SOL_SOCKET, core.SO_LINGER}
	lingerSeconds = optionKey{core.SOL_SOCKET, -core.SO_LINGER}
)

// inherit gives an accepted socket its listener's options.
func (s *socket) inherit(from *socket) {
	s.options = maps.Clone(from.options)
	s.device, s.congestion = from.device, from.congestion
}

// number returns what an option was set to, or Linux's default.
func (s *socket) number(level, option int) int32 {
	key := optionKey{level, option}
	if value, ok := s.options[key]; ok {
		return value
	}
	return numberRules[key].initial
}

func (s *socket) flag(level, option int) bool { return s.number(level, option) != 0 }

func (s *socket) v6only() bool {
	return s.family == core.AF_INET6 && s.flag(core.SOL_IPV6, core.IPV6_V6ONLY)
}
func (s *socket) receiveBuffer() int { return int(s.number(core.SOL_SOCKET, core.SO_RCVBUF)) / 2 }
func (s *socket) sendBuffer() int    { return int(s.number(core.SOL_SOCKET, core.SO_SNDBUF)) / 2 }
func (s *socket) lingerZero() bool   { return s.options[lingerOn] != 0 && s.options[lingerSeconds] == 0 }

// has reports whether a socket of this kind has options of this level.
func (s *socket) has(level int) bool {
	return (level != core.SOL_TCP || s.stream()) && (level != core.SOL_IPV6 || s.family == core.AF_INET6)
}

func (s *socket) SetSockOpt(level, option int, value []byte) error {
	return s.locked(func() core.Errno {
		o, ok := core.FindOption(level, option)
		if !ok || !o.Set || !s.has(level) {
			return core.ENOPROTOOPT
		}
		return s.setOption(o, value)
	})
}

func (s *socket) setOption(o core.Option, value []byte) core.Errno {
	switch o.Kind {
	case core.OptionMreq, core.OptionMreq6:
		return s.setMembership(o, value)
	case core.OptionText:
		return s.setText(o, string(value))
	case core.OptionLinger:
		return s.setLinger(value)
	}
	if len(value) < 4 {
		return core.EINVAL
	}
	return s.setNumber(optionKey{o.Level, o.Option}, int32(binary.LittleEndian.Uint32(value)))
}

func (s *socket) setNumber(key optionKey, value int32) core.Errno {
	rule := numberRules[key]
	switch {
	case key.option == core.SO_RCVBUF && key.level == core.SOL_SOCKET:
		value = buffer(value, minReceive)
	case key.option == core.SO_SNDBUF && key.level == core.SOL_SOCKET:
		value = buffer(value, minSend)
	case rule.dgram && s.stream() && key.level == core.SOL_IPV6:
		return core.ENOPROTOOPT
	case rule.dgram && s.stream(), key == v6onlyKey && s.local.IsValid():
		return core.EINVAL
	case key == tosKey:
		value = s.typeOfService(value)
	case key == maxsegKey && value > 0 && value < minSegment:
		return core.EINVAL
	case key == multicastIfKey && (value < 0 || value > loopbackIndex):
		return core.ENODEV
	case rule.truth && value != 0:
		value = 1
	case rule.reset && value == -1:
		value = rule.initial
	case !rule.truth && (value < rule.min || value > rule.max):
		return core.EINVAL
	}
	s.put(key, value)
	s.wake() // a larger buffer is room for a send that waits
	s.other.wake()
	return 0
}

func (s *socket) put(key optionKey, value int32) {
	if s.options == nil {
		s.options = make(map[optionKey]int32)
	}
	s.options[key] = value
}

// The options with a rule of their own.
var (
	v6onlyKey      = optionKey{core.SOL_IPV6, core.IPV6_V6ONLY}
	tosKey         = optionKey{core.SOL_IP, core.IP_TOS}
	maxsegKey      = optionKey{core.SOL_TCP, core.TCP_MAXSEG}
	multicastIfKey = optionKey{core.SOL_IPV6, core.IPV6_MULTICAST_IF}
)

// minSegment is Linux's TCP_MIN_MSS; 0 stands for no limit.
const minSegment = 88

// typeOfService is one byte, and TCP keeps the two bits of ECN to itself.
func (s *socket) typeOfService(value int32) int32 {
	if s.stream() {
		return value & 0xfc
	}
	return value & 0xff
}

func buffer(value, least int32) int32 {
	if value < 0 || value > bufferMax/2 {
		return bufferMax
	}
	return max(2*value, least)
}

func (s *socket) setLinger(value []byte) core.Errno {
	if len(value) < 8 {
		return core.EINVAL
	}
	on := int32(0)
	if binary.LittleEndian.Uint32(value) != 0 {
		on = 1
	}
	s.put(lingerOn, on)
	s.put(lingerSeconds, int32(binary.LittleEndian.Uint32(value[4:])))
	return 0
}

func (s *socket) setText(o core.Option, value string) core.Errno {
	switch {
	case o.Option == core.SO_BINDTODEVICE && (value == "" || value == "lo"):
		s.device = value
	case o.Option == core.SO_BINDTODEVICE:
		return core.ENODEV
	case value == congestionFirst || value == "reno":
		s.congestion = value
	default:
		return core.ENOENT
	}
	return 0
}

func (s *socket) GetSockOpt(level, option int, value []byte) (int, error) {
	var full []byte
	err := s.locked(func() core.Errno {
		o, ok := core.FindOption(level, option)
		switch {
		case ok && !s.has(level):
			return core.ENOTSUP
		case !ok || !o.Get:
			return core.ENOPROTOOPT
		}
		full = s.getOption(o)
		return 0
	})
	copy(value, full)
	return len(full), err
}

func (s *socket) getOption(o core.Option) []byte {
	key := optionKey{o.Level, o.Option}
	switch o.Kind {
	case core.OptionText:
		return []byte(s.text(o))
	case core.OptionInfo:
		return s.info()
	case core.OptionLinger:
		return words(s.options[lingerOn], s.options[lingerSeconds])
	}
	if value, ok := s.computed(key); ok {
		return words(value)
	}
	return words(s.number(o.Level, o.Option))
}

// computed returns the options that are the socket's own state.
func (s *socket) computed(key optionKey) (int32, bool) {
	if key.level != core.SOL_SOCKET {
		return 0, false
	}
	switch key.option {
	case core.SO_TYPE:
		return int32(s.typ), true
	case core.SO_PROTOCOL:
		return int32(usualProto[s.typ]), true
	case core.SO_DOMAIN:
		return int32(s.family), true
	case core.SO_ERROR:
		return int32(s.takeError()), true
	case core.SO_ACCEPTCONN:
		if s.state == listening {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func (s *socket) text(o core.Option) string {
	if o.Option == core.SO_BINDTODEVICE {
		return s.device
	}
	if s.congestion == "" {
		return congestionFirst
	}
	return s.congestion
}

func words(values ...int32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}
