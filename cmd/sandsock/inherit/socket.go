package inherit

import (
	"errors"
	"net/netip"
	"net/url"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
)

// Socket is one that was inherited: a stream's listens, or can.
type Socket struct {
	core.Socket
	Name    string // empty, or as whoever handed it over calls it: see NameOf
	Address netip.AddrPort
	Shared  bool // whoever handed it over keeps it
	Metrics bool // it is for no route
	Number  int  // where it is among those that came together, if that matters
	dual    bool // IPv6, and takes IPv4 too
}

// NameOf is how a route is called in LISTEN_FDNAMES, where a colon ends a name:
// its address as it is typed, tcp://localhost:0, escaped as in a URL.
func NameOf(typed string) string { return url.QueryEscape(typed) }

// FromFileno makes a Socket of a descriptor, and has it from then on. Where there
// is an error it may be closed or not, and is not to be used any more.
func FromFileno(fd int, name string) (*Socket, error) {
	socket, err := native.FromFileno(fd)
	if err != nil {
		return nil, err
	}
	s := &Socket{Socket: socket, Name: name}
	if err := s.look(); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return s, nil
}

func (s *Socket) look() (err error) {
	switch s.Type() {
	case core.SOCK_STREAM, core.SOCK_DGRAM:
	default:
		return core.ESOCKTNOSUPPORT
	}
	if _, err := s.GetPeerName(); err == nil {
		return errors.New("it is a connection, and no socket that waits for any")
	}
	if s.Family() == core.AF_INET6 {
		only, err := core.GetInt(s, core.SOL_IPV6, core.IPV6_V6ONLY)
		s.dual = err == nil && only == 0
	}
	s.Address, err = s.GetSockName()
	return err
}

// Set is sockets that no route has yet.
type Set []*Socket

// Close closes them.
func (s Set) Close() {
	for _, socket := range s {
		_ = socket.Close()
	}
}

// Wanted is what a route listens on.
type Wanted struct {
	Type       core.Type
	Name       string         // as NameOf has it
	Address    netip.AddrPort // what its name came to
	Everywhere bool           // it has no host: all addresses
	Metrics    bool           // it is no route
}

// Take returns the socket for each route, nil where there is none: by its name;
// else of the very address; else, for a route of all addresses, one of the
// IPv6 wildcard that takes IPv4 too, as systemd makes for ListenStream=7000;
// else, for port 0, any of that address which no other route asks for by its
// number. What is taken is not in the set any more.
func (s *Set) Take(routes []Wanted) []*Socket {
	taken := make([]*Socket, len(routes))
	for _, fits := range []func(Wanted, *Socket) bool{
		func(w Wanted, s *Socket) bool { return w.Name != "" && w.Name == s.Name },
		func(w Wanted, s *Socket) bool { return w.Address == s.Address },
		func(w Wanted, s *Socket) bool { return w.Address.Port() == s.Address.Port() && w.isEverywhere(s) },
		func(w Wanted, s *Socket) bool {
			return w.Address.Port() == 0 && (w.Address.Addr() == s.Address.Addr() || w.isEverywhere(s))
		},
	} {
		for i, w := range routes {
			if taken[i] == nil {
				taken[i] = s.takeFirst(func(s *Socket) bool {
					return w.Type == s.Type() && w.Metrics == s.Metrics && s.Address.Port() != 0 && fits(w, s)
				})
			}
		}
	}
	return taken
}

func (w Wanted) isEverywhere(s *Socket) bool {
	return w.Everywhere && s.dual && s.Address.Addr().IsUnspecified()
}

func (s *Set) takeFirst(fits func(*Socket) bool) *Socket {
	for i, socket := range *s {
		if fits(socket) {
			*s = append((*s)[:i:i], (*s)[i+1:]...)
			return socket
		}
	}
	return nil
}
