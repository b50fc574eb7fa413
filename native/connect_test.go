//go:build linux || darwin || freebsd || windows

package native

import (
	"context"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// deadAddress returns an address where nobody listens.
func deadAddress(t testing.TB) netip.AddrPort {
	t.Helper()
	s := stream(t)
	must(t, s.Bind(loopback))
	defer s.Close()
	return value(s.GetSockName())(t)
}

// These are what CPython's connect_ex gives on Linux, call by call.
func TestConnectExAgainGivesWhatTheKernelGives(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the sequences are Linux's")
	}
	tests := []struct {
		name    string
		timeout time.Duration
		refused bool
		want    []core.Errno
	}{
		{"blocking", core.Blocking, false, []core.Errno{0, core.EISCONN, core.EISCONN}},
		{"blocking, refused", core.Blocking, true, []core.Errno{core.ECONNREFUSED, core.ECONNREFUSED}},
		{"non-blocking", core.NonBlocking, false, []core.Errno{core.EINPROGRESS, 0, core.EISCONN}},
		{"non-blocking, refused", core.NonBlocking, true, []core.Errno{core.EINPROGRESS, core.ECONNREFUSED, core.EINPROGRESS}},
		{"with a timeout", patience, false, []core.Errno{0, 0, core.EISCONN}},
		{"with a timeout, refused", patience, true, []core.Errno{core.ECONNREFUSED, core.ECONNABORTED, core.ECONNREFUSED}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := deadAddress(t)
			if !tt.refused {
				_, address = listening(t, 5)
			}
			s := stream(t)
			must(t, s.SetTimeout(tt.timeout))
			for i, want := range tt.want {
				if got := s.ConnectEx(address); got != want {
					t.Errorf("call %d gives %v, want %v", i+1, got, want)
				}
				settled(t, s)
			}
		})
	}
}

// settled returns once a connect under way has come to its end.
func settled(t *testing.T, s core.Socket) {
	t.Helper()
	list := []core.PollFd{{Socket: s, Events: core.POLLOUT}}
	value(Network{}.Poll(context.Background(), list, patience))(t)
}

func TestAConnectThatTimesOutGoesOn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a full backlog makes a connect hang on Linux")
	}
	listener, address := listening(t, 0)
	must(t, stream(t).Connect(address)) // fills the backlog
	s := stream(t)
	must(t, s.SetTimeout(50*time.Millisecond))
	wantErr(t, "the first Connect", s.Connect(address), core.ErrTimeout)
	wantErr(t, "the second Connect", s.Connect(address), core.EALREADY)
	must(t, s.SetBlocking(false))
	wantErr(t, "non-blocking", s.ConnectEx(address), core.EALREADY)

	other := stream(t)
	must(t, other.SetTimeout(time.Nanosecond))
	wantErr(t, "ConnectEx", other.ConnectEx(address), core.EAGAIN)

	conn, _, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	must(t, s.SetBlocking(true))
	wantErr(t, "blocking", started(t, func() error { return s.Connect(address) })(), nil)
	wantErr(t, "once more", s.Connect(address), core.EISCONN)
}

func TestConnectOfAnotherFamilyIsARefusedAddress(t *testing.T) {
	s := stream(t)
	wantErr(t, "Connect", s.Connect(netip.MustParseAddrPort("[::1]:1")), core.EAI_ADDRFAMILY)
	wantErr(t, "ConnectEx", s.ConnectEx(netip.AddrPort{}), core.EAI_ADDRFAMILY)
}
