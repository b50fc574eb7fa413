package socket

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unsafe"

	"github.com/sandsock/sandsock/core"
)

// Network makes sockets of the host this guest runs in. The zero value is
// ready for use, and there is nothing to set. What it may do is what the
// guest was granted: EACCES is the host's no.
//
// Outside a sandbox every method is ENOSYS.
type Network struct{}

var _ core.Network = Network{}

// Socket makes an unbound socket that blocks.
func (Network) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	fd := hostSocket(int32(family), int32(typ), clamp(proto))
	if fd < 0 {
		return nil, failure(fd)
	}
	return &conn{fd: fd, kind: kind{family, typ, proto}}, nil
}

// firstLines is the room a resolver's answer gets at first, in bytes: about
// twenty IPv4 addresses.
const firstLines = 512

// GetAddrInfo resolves a host name. A context that has ended is ECANCELED;
// one that ends during the call does not end it, since nothing else runs.
func (Network) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	if _, ended := timeLeft(ctx); ended {
		return nil, core.ECANCELED
	}
	text := unsafe.StringData(name)
	for room := make([]byte, firstLines); ; {
		n, err := count(hostGetaddrinfo(text, uint32(len(name)), int32(family), unsafe.SliceData(room), size(room)))
		if err != nil {
			return nil, err
		}
		if n <= len(room) {
			return parseLines(string(room[:n]))
		}
		room = make([]byte, n) // the answer may have grown meanwhile: ask until it fits
	}
}

// parseLines reads one address a line, each ended by a line feed. No line at
// all is EAI_NONAME, and what is not an address EIO.
func parseLines(text string) ([]netip.Addr, error) {
	if text == "" {
		return nil, core.EAI_NONAME
	}
	var list []netip.Addr
	for line := range strings.Lines(text) {
		ip, err := netip.ParseAddr(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, core.EIO
		}
		list = append(list, ip)
	}
	return list, nil
}

// timeLeft returns how long a context still lasts, negative for ever, and
// whether it has ended. It reads the clock: the timer that would end the
// context may not have had its turn.
func timeLeft(ctx context.Context) (left time.Duration, ended bool) {
	deadline, has := ctx.Deadline()
	if ctx.Err() != nil {
		return 0, true
	}
	if !has {
		return core.Blocking, false
	}
	left = time.Until(deadline)
	return left, left <= 0
}
