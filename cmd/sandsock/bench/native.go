package bench

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
)

// The servers the handlers are compared with, as one writes them in plain Go:
// a goroutine a connection, a buffer of 64 KiB, nothing else.
var natives = map[string]func([]byte){
	"echo":  func([]byte) {},
	"bytes": upperBytes,
	"eight": upperEight,
}

// ServeNative serves a listener until it is closed, and then waits for its
// connections. What is "echo", or for capitals "bytes", one at a time, or
// "eight". The error is the listener's, or that there is no such server.
func ServeNative(listener net.Listener, what string) error {
	work := natives[what]
	if work == nil {
		return errors.New("there is no native server " + what)
	}
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		serving.Go(func() { serveConn(conn, work) })
	}
}

func serveConn(conn net.Conn, work func([]byte)) {
	defer conn.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		work(buf[:n])
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}

// upperBytes makes capitals, a byte at a time.
func upperBytes(p []byte) {
	for i, c := range p {
		if 'a' <= c && c <= 'z' {
			p[i] = c - 0x20
		}
	}
}

// upperEight makes capitals of eight bytes at a time, in the lanes of a word:
// the top bit of a lane says where its byte is a letter.
func upperEight(p []byte) {
	const (
		ones = 0x0101010101010101
		tops = 0x80 * ones
	)
	for len(p) >= 8 {
		word := binary.LittleEndian.Uint64(p)
		low := word &^ tops
		from := low + (0x80-'a')*ones    // its top bit: at least a
		above := low + (0x80-'z'-1)*ones // its top bit: above z
		letters := (from &^ above) &^ word & tops
		binary.LittleEndian.PutUint64(p, word-letters>>2)
		p = p[8:]
	}
	upperBytes(p)
}
