package script

import (
	"context"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
)

// malformed is the error of a line no world understands: a mistake of the
// case, not an outcome.
type malformed string

func (m malformed) Error() string { return Malformed + string(m) }

// Malformed begins the outcome of a line that is no call.
const Malformed = "malformed: "

// missing is the outcome of a line about a party that is not there, because
// the call that was to make it failed.
type missing string

func (m missing) Error() string { return string(m) }

func number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, malformed(text + " is no number")
	}
	return n, nil
}

// bytesOf reads 'text' and 'text'*1000.
func bytesOf(text string) ([]byte, error) {
	end := strings.LastIndexByte(text, '\'')
	if len(text) < 2 || text[0] != '\'' || end == 0 {
		return nil, malformed(text + " is no bytes")
	}
	once, times := text[1:end], 1
	if factor, has := strings.CutPrefix(text[end+1:], "*"); has {
		n, err := number(factor)
		if err != nil {
			return nil, err
		}
		times = n
	}
	return []byte(strings.Repeat(once, times)), nil
}

var flagNumbers = map[string]int{
	"": 0, "peek": core.MSG_PEEK, "dontwait": core.MSG_DONTWAIT,
	"waitall": core.MSG_WAITALL, "oob": core.MSG_OOB, "nosignal": core.MSG_NOSIGNAL,
}

func flagsOf(text string) (int, error) {
	all := 0
	for word := range strings.SplitSeq(text, "|") {
		n, known := flagNumbers[word]
		if !known {
			return 0, malformed("no such flag: " + word)
		}
		all |= n
	}
	return all, nil
}

var events = []struct {
	word string
	bit  int16
}{
	{"in", core.POLLIN}, {"out", core.POLLOUT}, {"error", core.POLLERR},
	{"hup", core.POLLHUP}, {"nval", core.POLLNVAL}, {"rdhup", core.POLLRDHUP},
}

func eventsOf(text string) (mask int16, err error) {
	for word := range strings.SplitSeq(text, "|") {
		bit := int16(0)
		for _, e := range events {
			if e.word == word {
				bit = e.bit
			}
		}
		if bit == 0 {
			return 0, malformed("no such event: " + word)
		}
		mask |= bit
	}
	return mask, nil
}

func seconds(text string) (time.Duration, error) {
	if text == "None" {
		return core.Blocking, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, malformed(text + " is no time")
	}
	if n < 0 && !math.IsNaN(n) {
		return 0, core.EINVAL // core's Blocking is None, not a negative number
	}
	return core.TimeoutFromSeconds(n)
}

func familyOf(text string) (core.Family, error) {
	switch text {
	case "inet":
		return core.AF_INET, nil
	case "inet6":
		return core.AF_INET6, nil
	}
	n, err := number(text)
	return core.Family(n), err
}

func typeOf(text string) (core.Type, error) {
	switch text {
	case "stream":
		return core.SOCK_STREAM, nil
	case "dgram":
		return core.SOCK_DGRAM, nil
	}
	n, err := number(text)
	return core.Type(n), err
}

// address returns the address a text means to a socket. A literal is handed
// on as it is: the call says whether it fits the socket.
func (m *Machine) address(s core.Socket, text string) (netip.AddrPort, error) {
	if at, known := m.names[text]; known {
		return at, nil
	}
	colon := strings.LastIndexByte(text, ':')
	host, port := text[:max(colon, 0)], text[colon+1:]
	if at, known := m.names[port]; known {
		port = strconv.Itoa(int(at.Port()))
	} else if _, err := strconv.Atoi(port); err != nil {
		return netip.AddrPort{}, missing("no address " + port)
	}
	parsed, err := core.ParseAddress(host + ":" + port)
	if err == nil && parsed.IP.IsValid() {
		return netip.AddrPortFrom(parsed.IP, parsed.Port), nil
	}
	return core.ResolveAddress(context.Background(), m.network, s.Family(), host+":"+port)
}
