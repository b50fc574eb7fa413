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
	closed := make(chan struct{}, 8)
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		conn, err := net.DialUDP("udp", nil, silent.LocalAddr().(*net.UDPAddr))
		return lookUpConn{conn, closed}, err
	}}
	defer func() { net.DefaultResolver = before }()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := Network{}.GetAddrInfo(ctx, "silent.test", core.AF_INET)
		ended <- err
	}()
	if _, _, err := silent.ReadFrom(make([]byte, 1500)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	cancel()
	if err := <-ended; err != core.ECANCELED {
		t.Errorf("GetAddrInfo: %v, want ECANCELED", err)
	}
	<-closed
	if took := time.Since(began); took > 4*time.Second { // the resolver's own patience is 5 s
		t.Errorf("its socket is closed after %v", took)
	}
}

type lookUpConn struct {
	*net.UDPConn
	closed chan struct{}
}

func (c lookUpConn) Close() error {
	err := c.UDPConn.Close()
	select {
	case c.closed <- struct{}{}:
	default:
	}
	return err
}
