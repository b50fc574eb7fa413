package memnet_test

import (
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// on gives the fault to one call, and nothing to the others.
func on(call string, f memnet.Fault) func(string, int) memnet.Fault {
	return func(c string, _ int) memnet.Fault {
		if c == call {
			return f
		}
		return memnet.Fault{}
	}
}

func TestAShortReceiveLeavesTheRest(t *testing.T) {
	client, server := pair(t, &memnet.Network{Faults: on("recv", memnet.Fault{Max: 2})})
	ok(t, client.SendAll([]byte("hello"), 0))
	for _, want := range []string{"he", "ll", "o"} {
		receives(t, server, want)
	}
}

func TestAPartialSendReturnsItsCountAndSendAllGoesOn(t *testing.T) {
	client, server := pair(t, &memnet.Network{Faults: on("send", memnet.Fault{Max: 3})})
	n, err := client.Send([]byte("hello"), 0)
	ok(t, err)
	if n != 3 {
		t.Errorf("send took %d bytes, want 3", n)
	}
	ok(t, client.SendAll([]byte("lo world"), 0))
	receives(t, server, "hello world")
}

func TestMaxDoesNotCutDatagrams(t *testing.T) {
	n := &memnet.Network{Faults: on("recv", memnet.Fault{Max: 2})}
	r := open(t, n, core.SOCK_DGRAM)
	ok(t, r.Bind(loopback))
	_, err := open(t, n, core.SOCK_DGRAM).SendTo([]byte("hello"), 0, nameOf(t, r))
	ok(t, err)
	receives(t, r, "hello")
}

func TestAResetReachesBothEnds(t *testing.T) {
	client, server := pair(t, &memnet.Network{Faults: on("send", memnet.Fault{Reset: true})})
	_, err := client.Send([]byte("x"), 0)
	fails(t, err, core.ECONNRESET)
	_, err = recv(server)
	fails(t, err, core.ECONNRESET)
	receives(t, server, "")
}

func TestAnErrorStandsForTheCall(t *testing.T) {
	n := new(memnet.Network)
	for _, call := range []string{"bind", "listen", "accept", "connect", "recv", "recvfrom", "send", "sendto", "shutdown"} {
		s := open(t, n, core.SOCK_STREAM)
		n.Faults = on(call, memnet.Fault{Err: core.ENOBUFS})
		calls := map[string]func() error{
			"bind":     func() error { return s.Bind(loopback) },
			"listen":   func() error { return s.Listen(1) },
			"accept":   func() error { _, _, err := s.Accept(); return err },
			"connect":  func() error { return s.ConnectEx(loopback) },
			"recv":     func() error { _, err := s.Recv(make([]byte, 1), 0); return err },
			"recvfrom": func() error { _, _, err := s.RecvFrom(make([]byte, 1), 0); return err },
			"send":     func() error { return s.SendAll([]byte("x"), 0) },
			"sendto":   func() error { _, err := s.SendTo([]byte("x"), 0, loopback); return err },
			"shutdown": func() error { return s.Shutdown(core.SHUT_WR) },
		}
		fails(t, calls[call](), core.ENOBUFS)
	}
}

func TestFaultsAreToldTheDescriptor(t *testing.T) {
	n := new(memnet.Network)
	var filenos []int
	n.Faults = func(call string, fileno int) memnet.Fault {
		if call == "send" {
			filenos = append(filenos, fileno)
		}
		return memnet.Fault{}
	}
	client, server := pair(t, n)
	ok(t, client.SendAll([]byte("x"), 0))
	ok(t, server.SendAll([]byte("y"), 0))
	if len(filenos) != 2 || filenos[0] != client.Fileno() || filenos[1] != server.Fileno() {
		t.Errorf("descriptors %v, want %d and %d", filenos, client.Fileno(), server.Fileno())
	}
}
