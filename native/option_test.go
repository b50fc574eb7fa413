//go:build linux || darwin || freebsd || windows

package native

import (
	"context"
	"runtime"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestAnOptionSetCanBeRead(t *testing.T) {
	s := stream(t)
	for _, o := range [][2]int{
		{core.SOL_SOCKET, core.SO_REUSEADDR},
		{core.SOL_SOCKET, core.SO_KEEPALIVE},
		{core.SOL_TCP, core.TCP_NODELAY},
	} {
		if got := value(core.GetInt(s, o[0], o[1]))(t); got != 0 {
			t.Errorf("option %v of a new socket is %d", o, got)
		}
		must(t, core.SetInt(s, o[0], o[1], 1))
		if got := value(core.GetInt(s, o[0], o[1]))(t); got == 0 {
			t.Errorf("option %v is still 0", o)
		}
	}
	linger := []byte{1, 0, 0, 0, 7, 0, 0, 0}
	must(t, s.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, linger))
	got := make([]byte, 8)
	n, err := s.GetSockOpt(core.SOL_SOCKET, core.SO_LINGER, got)
	if n != 8 || err != nil || got[0] == 0 || got[4] != 7 {
		t.Errorf("SO_LINGER is %v, %d, %v", got, n, err)
	}
}

func TestAnOptionOutsideTheContractIsRefused(t *testing.T) {
	s := stream(t)
	long := make([]byte, 64)
	tests := []struct {
		name string
		call func() error
		want core.Errno
	}{
		{"an unknown option", func() error { return s.SetSockOpt(core.SOL_SOCKET, 9999, long) }, core.ENOPROTOOPT},
		{"SO_RCVTIMEO", func() error { return s.SetSockOpt(core.SOL_SOCKET, 20, long) }, core.ENOPROTOOPT},
		{"setting what can be read only", func() error { return core.SetInt(s, core.SOL_SOCKET, core.SO_TYPE, 1) }, core.ENOPROTOOPT},
		{"reading what can be set only", func() error {
			_, err := s.GetSockOpt(core.SOL_IP, core.IP_ADD_MEMBERSHIP, long)
			return err
		}, core.ENOPROTOOPT},
		{"an unknown level", func() error { _, err := s.GetSockOpt(99, 1, long); return err }, core.ENOPROTOOPT},
		{"a number too short", func() error { return s.SetSockOpt(core.SOL_TCP, core.TCP_NODELAY, long[:3]) }, core.EINVAL},
		{"a linger too short", func() error { return s.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, long[:7]) }, core.EINVAL},
		{"a group too short", func() error { return s.SetSockOpt(core.SOL_IP, core.IP_ADD_MEMBERSHIP, long[:7]) }, core.EINVAL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantErr(t, tt.name, tt.call(), tt.want) })
	}
}

func TestWhatASocketIsCanBeRead(t *testing.T) {
	s, _ := listening(t, 1)
	for option, want := range map[int]int{
		core.SO_TYPE:       int(core.SOCK_STREAM),
		core.SO_DOMAIN:     int(core.AF_INET),
		core.SO_PROTOCOL:   core.IPPROTO_TCP,
		core.SO_ACCEPTCONN: 1,
		core.SO_ERROR:      0,
	} {
		if got := value(core.GetInt(s, core.SOL_SOCKET, option))(t); got != want {
			t.Errorf("option %d is %d, want %d", option, got, want)
		}
	}
}

func TestSoErrorIsAGuestsNumber(t *testing.T) {
	s := stream(t)
	must(t, s.SetBlocking(false))
	wantErr(t, "ConnectEx", s.ConnectEx(deadAddress(t)), core.EINPROGRESS)
	settled(t, s)
	for _, want := range []core.Errno{core.ECONNREFUSED, 0} {
		if got := value(core.GetInt(s, core.SOL_SOCKET, core.SO_ERROR))(t); core.Errno(got) != want {
			t.Errorf("SO_ERROR is %d, want %d", got, want)
		}
	}
}

func TestAValueIsStoredAsMuchAsFitsAndItsLengthReturned(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the options are Linux's")
	}
	s := stream(t)
	must(t, s.SetSockOpt(core.SOL_TCP, core.TCP_CONGESTION, []byte("reno")))
	p := []byte("........")
	n, err := s.GetSockOpt(core.SOL_TCP, core.TCP_CONGESTION, p)
	if n != 4 || err != nil || string(p) != "reno...." {
		t.Errorf("TCP_CONGESTION is %q, %d, %v", p, n, err)
	}
	n, err = s.GetSockOpt(core.SOL_TCP, core.TCP_CONGESTION, p[:2])
	if n != 4 || err != nil {
		t.Errorf("into 2 bytes, TCP_CONGESTION gives %d, %v", n, err)
	}
	if n, err := s.GetSockOpt(core.SOL_TCP, core.TCP_INFO, p); n < 100 || err != nil {
		t.Errorf("TCP_INFO gives %d, %v", n, err)
	}
}

func TestResolvingALiteralAsksNobody(t *testing.T) {
	tests := []struct {
		name   string
		family core.Family
		want   string
		errno  core.Errno
	}{
		{"127.0.0.1", core.AF_UNSPEC, "127.0.0.1", 0},
		{"127.0.0.1", core.AF_INET6, "", core.EAI_ADDRFAMILY},
		{"::1", core.AF_INET, "", core.EAI_ADDRFAMILY},
		{"::1", core.AF_INET6, "::1", 0},
		{"::ffff:127.0.0.1", core.AF_INET, "127.0.0.1", 0},
		{"::ffff:127.0.0.1", core.AF_INET6, "::ffff:127.0.0.1", 0},
		{"fe80::1%7", core.AF_UNSPEC, "fe80::1%7", 0},
		{"fe80::1%nosuch", core.AF_UNSPEC, "", core.EAI_NONAME},
		{"", core.AF_UNSPEC, "", core.EAI_NONAME},
		{"a b", core.AF_UNSPEC, "", core.EAI_NONAME},
		{"nosuch.onion", core.AF_UNSPEC, "", core.EAI_NONAME}, // RFC 7686: never asked for
		{"127.0.0.1", 99, "", core.EAI_FAMILY},
	}
	for _, tt := range tests {
		got, err := Network{}.GetAddrInfo(context.Background(), tt.name, tt.family)
		if core.AsErrno(err) != tt.errno {
			t.Errorf("%q, %v: got error %v, want %v", tt.name, tt.family, err, tt.errno)
		}
		if err == nil && (len(got) != 1 || got[0].String() != tt.want) {
			t.Errorf("%q, %v: got %v, want %v", tt.name, tt.family, got, tt.want)
		}
	}
}
