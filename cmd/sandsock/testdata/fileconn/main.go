// A handler that knows nothing of the socket calls: it takes its connection
// as a file and uses Go's own net package on it.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

//go:wasmexport handle
func handle(fd int32) int32 {
	file := os.NewFile(uintptr(fd), "connection")
	conn, err := net.FileConn(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer conn.Close()
	if err := serve(conn); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serve answers lines: "deadline" by what a read with a deadline in the past
// and one a moment ahead give, "ticks" by whether another goroutine ran while
// this one waited, anything else in upper case.
func serve(conn net.Conn) error {
	var ticks atomic.Int64
	stop := make(chan struct{})
	defer close(stop)
	go tick(&ticks, stop)
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil // the end
		}
		before := ticks.Load()
		switch strings.TrimSpace(line) {
		case "deadline":
			fmt.Fprintln(conn, tryDeadline(conn, -time.Second), tryDeadline(conn, 20*time.Millisecond))
		case "ticks":
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			fmt.Fprintln(conn, "go")
			line, err = lines.ReadString('\n')
			fmt.Fprintln(conn, strings.TrimSpace(line), err, ticks.Load() > before)
		default:
			fmt.Fprint(conn, strings.ToUpper(line))
		}
	}
}

func tick(ticks *atomic.Int64, stop chan struct{}) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			ticks.Add(1)
		case <-stop:
			return
		}
	}
}

func tryDeadline(conn net.Conn, ahead time.Duration) bool {
	conn.SetReadDeadline(time.Now().Add(ahead))
	_, err := conn.Read(make([]byte, 1))
	conn.SetReadDeadline(time.Time{})
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func main() {}
