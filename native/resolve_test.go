//go:build linux

package native

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// TestACanceledLookupLeavesNothingBehind asks a server that never answers.
func TestACanceledLookupLeavesNothingBehind(t *testing.T) {
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	before := net.DefaultResolver
	dialer := net.Dialer{Resolver: before} // or it reads the default, late, when it is put back
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "udp", silent.LocalAddr().String())
	}}
	defer func() { net.DefaultResolver = before }()
	open := len(openDescriptors())
	ctx, cancel := context.WithCancel(context.Background())
	result := started(t, func() error {
		_, err := Network{}.GetAddrInfo(ctx, "silent.test", core.AF_INET)
		return err
	})
	if _, _, err := silent.ReadFrom(make([]byte, 1500)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	cancel()
	if err := result(); err != core.ECANCELED {
		t.Errorf("GetAddrInfo: %v, want ECANCELED", err)
	}
	eventually(t, "its socket stays open", func() bool { return len(openDescriptors()) <= open })
	if took := time.Since(began); took > 4*time.Second { // the resolver's own patience is 5 s
		t.Errorf("its socket is closed after %v", took)
	}
}
