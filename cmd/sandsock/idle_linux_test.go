package main

import (
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/wasmhost"
)

// TestIdleConnectionsAreWithinTheBudget holds as many as are promised within
// the default of 2 GiB over loopback, or as many as the system lets a process
// open files, and each may take its part of that.
func TestIdleConnectionsAreWithinTheBudget(t *testing.T) {
	for handler, all := range map[string]int{"upper": 50_000, "upper-go": 10_000} {
		t.Run(handler, func(t *testing.T) { holdIdle(t, handler, all) })
	}
}

func holdIdle(t *testing.T, handler string, all int) {
	files := raiseFiles(t, all+1000)
	n := min(all, files-1000)
	if os.Getenv("SANDSOCK_FULL") != "1" { // they take a minute
		n = min(n, all/10)
	} else if n < all {
		t.Logf("%d connections of %d: a process may open %d files here (ulimit -Hn)", n, all, files)
	}
	h := started(t, servedBy(t, handler, wasmhost.Limits{FirstByte: -1, Idle: -1}))
	defer h.kill()
	base, before := h.measured(), h.status("RssAnon")
	clients := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range clients {
			_ = c.Close()
		}
	}()
	for i := range n {
		from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i/10_000))} // there are not enough ports for one
		c, err := (&net.Dialer{Timeout: patience, LocalAddr: from}).Dial("tcp", h.addresses[0])
		check(t, err)
		clients = append(clients, c)
		check(t, c.SetDeadline(time.Now().Add(patience)))
		check(t, exchange(c))
	}
	each, most := (h.status("RssAnon")-before)<<20/n, wasmhost.DefaultBudget/all
	t.Logf("%d idle connections, %.1f KiB each", n, float64(each)/1024)
	if each > most {
		t.Errorf("a connection takes %d bytes, %d is the bound", each, most)
	}
	for _, c := range clients {
		check(t, c.Close())
	}
	clients = nil
	check(t, h.backTo(base))
}

// raiseFiles lets this process and its children open as many files, or as many
// as the system lets it, and returns how many that are.
func raiseFiles(t *testing.T, want int) int {
	t.Helper()
	var before unix.Rlimit
	check(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	if uint64(want) <= before.Cur {
		return want
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &before) })
	now := unix.Rlimit{Cur: uint64(want), Max: max(before.Max, uint64(want))} // above Max is for who may
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &now) != nil {
		now = unix.Rlimit{Cur: before.Max, Max: before.Max}
		check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &now))
	}
	return int(now.Cur)
}
