package faults

import (
	"net"
	"time"
)

// pulse is the machine's own: how long a server of a few lines makes its client
// wait while it is felt.
type pulse struct {
	over chan struct{}
	done chan time.Duration
}

// beat is the pause between two of its clients.
const beat = time.Millisecond

func feelPulse() pulse {
	p := pulse{make(chan struct{}), make(chan time.Duration)}
	go p.feel()
	return p
}

// end returns the longest wait.
func (p pulse) end() time.Duration {
	close(p.over)
	return <-p.done
}

func (p pulse) feel() {
	var worst time.Duration
	defer func() { p.done <- worst }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer listener.Close()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for paused, going := time.Duration(0), true; going; paused = beat {
		began := time.Now()
		pause.Reset(paused)
		select {
		case <-pause.C:
			serveOnce(listener)
		case <-p.over:
			going = false
		}
		worst = max(worst, time.Since(began)-paused)
	}
}

// serveOnce is a server and its client. Neither waits for the other, which has
// done its part before.
func serveOnce(listener net.Listener) {
	client, err := net.DialTimeout("tcp", listener.Addr().String(), silence)
	if err != nil {
		return
	}
	defer client.Close()
	_ = client.(*net.TCPConn).SetLinger(0)
	server, err := listener.Accept()
	if err != nil {
		return
	}
	defer server.Close()
	p := []byte("7")
	for _, way := range []struct{ from, to net.Conn }{{client, server}, {server, client}} {
		_ = way.to.SetDeadline(time.Now().Add(silence))
		if _, err := way.from.Write(p); err != nil {
			return
		}
		if _, err := way.to.Read(p); err != nil {
			return
		}
	}
}
