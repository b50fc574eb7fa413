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
// and one a moment ahead give, "wait" by another goroutine while this one waits
// for the next line, anything else in upper case.
func serve(conn net.Conn) error {
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil // the end
		}
		switch strings.TrimSpace(line) {
		case "deadline":
			fmt.Fprintln(conn, tryDeadline(conn, -time.Second), tryDeadline(conn, 20*time.Millisecond))
		case "wait":
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			time.AfterFunc(10*time.Millisecond, func() { fmt.Fprintln(conn, "waits") })
			line, err = lines.ReadString('\n')
			fmt.Fprintln(conn, strings.TrimSpace(line), err)
		default:
			fmt.Fprint(conn, strings.ToUpper(line))
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
