//go:build !wasip1

package socket

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestALongAnswerOfTheResolverIsWhole(t *testing.T) {
	var many []netip.Addr
	for i := range 200 {
		many = append(many, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	lend(t, &memnet.Network{Hosts: map[string][]netip.Addr{"many.test": many, "one.test": many[:1]}})
	for name, want := range map[string][]netip.Addr{"many.test": many, "one.test": many[:1]} {
		got, err := Network{}.GetAddrInfo(context.Background(), name, core.AF_INET)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d addresses, %v", name, len(got), err)
		}
	}
	if _, err := (Network{}).GetAddrInfo(context.Background(), "none.test", core.AF_INET); err != core.EAI_NONAME {
		t.Errorf("no such name: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Network{}).GetAddrInfo(ended, "one.test", core.AF_INET); err != core.ECANCELED {
		t.Errorf("context ended: %v", err)
	}
}

func TestLinesOfTheResolver(t *testing.T) {
	for _, test := range []struct {
		text, want string
		err        error
	}{
		{"127.0.0.1\n", "127.0.0.1", nil},
		{"::1\n127.0.0.1\n", "::1 127.0.0.1", nil},
		{"fe80::1%2\n", "fe80::1%2", nil},
		{"", "", core.EAI_NONAME},
		{"127.0.0.1\n\n", "", core.EIO},
		{"127.0.0.1:80\n", "", core.EIO},
	} {
		found, err := parseLines(test.text)
		var got []string
		for _, ip := range found {
			got = append(got, ip.String())
		}
		if strings.Join(got, " ") != test.want || err != test.err {
			t.Errorf("%q: %v, %v", test.text, got, err)
		}
	}
}

func TestAddressTexts(t *testing.T) {
	longest := "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%4294967295]:65535"
	for text, want := range map[string]error{
		"127.0.0.1:6565":   nil,
		"[fe80::1%2]:6565": nil,
		longest:            nil,
		"localhost:6565":   core.EIO, // a result never holds a name
	} {
		var room addressText
		copy(room[:], text)
		address, err := room.parse(uint32(len(text)))
		if err != want || err == nil && address != netip.MustParseAddrPort(text) {
			t.Errorf("%s: %v, %v", text, address, err)
		}
	}
	var room addressText
	if address, err := room.parse(0); address.IsValid() || err != nil {
		t.Errorf("no text: %v, %v", address, err)
	}
	if _, err := room.parse(uint32(len(room)) + 1); err != core.EIO {
		t.Errorf("cut: %v", err)
	}
}

func TestPollReportsWhatIsReadyAndPassesOverNil(t *testing.T) {
	lend(t, new(memnet.Network))
	client, server := newPair()
	mustDo(client.SendAll([]byte("x"), 0))
	closed := newSocket(core.SOCK_STREAM)
	mustDo(closed.Close())
	for _, fill := range []int{0, fewEntries, core.PollMax - 3} {
		list := slices.Concat(make([]core.PollFd, fill), []core.PollFd{
			{Socket: server, Events: core.POLLIN | core.POLLOUT},
			{Socket: client, Events: core.POLLIN, Revents: core.POLLIN},
			{Socket: closed, Events: core.POLLIN},
		})
		n, err := Network{}.Poll(context.Background(), list, core.Blocking)
		got := []int16{list[fill].Revents, list[fill+1].Revents, list[fill+2].Revents}
		if n != 2 || err != nil || !slices.Equal(got, []int16{core.POLLIN | core.POLLOUT, 0, core.POLLNVAL}) {
			t.Errorf("behind %d: %d, %v, %#x", fill, n, err, got)
		}
	}
}

func TestPollEndsWithItsTimeoutOrItsContext(t *testing.T) {
	lend(t, new(memnet.Network))
	client, _ := newPair()
	list := []core.PollFd{{Socket: client, Events: core.POLLIN}}
	if n, err := (Network{}).Poll(context.Background(), list, time.Millisecond); n != 0 || err != nil {
		t.Errorf("timeout: %d, %v", n, err)
	}
	soon, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	for _, timeout := range []time.Duration{core.Blocking, time.Hour} {
		if _, err := (Network{}).Poll(soon, list, timeout); err != core.ECANCELED {
			t.Errorf("context, timeout %v: %v", timeout, err)
		}
	}
}

func TestPollRefusesWhatIsNotItsOwn(t *testing.T) {
	lend(t, new(memnet.Network))
	foreign := must(new(memnet.Network).Socket(core.AF_INET, core.SOCK_STREAM, 0))
	defer foreign.Close()
	if _, err := (Network{}).Poll(context.Background(), []core.PollFd{{Socket: foreign}}, 0); err != core.ENOTSOCK {
		t.Errorf("another network's socket: %v", err)
	}
	if _, err := (Network{}).Poll(context.Background(), make([]core.PollFd, core.PollMax+1), 0); err != core.EINVAL {
		t.Errorf("too many: %v", err)
	}
}
