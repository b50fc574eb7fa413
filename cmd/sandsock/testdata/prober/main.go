// Command prober makes the calls that its standard input asks for, a line
// each, with the host's functions as they are: nothing stands between that
// would check an argument. A line has the call and its arguments, with tabs
// between, and is answered by one with the result.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"
)

//go:wasmimport socket socket
func socket(family, typ, proto int32) int32

//go:wasmimport socket bind
func bind(fd int32, addr unsafe.Pointer, length uint32) int32

//go:wasmimport socket listen
func listen(fd, backlog int32) int32

//go:wasmimport socket connect
func connect(fd int32, addr unsafe.Pointer, length uint32) int32

//go:wasmimport socket connect_ex
func connectEx(fd int32, addr unsafe.Pointer, length uint32) int32

//go:wasmimport socket recv
func recv(fd int32, buf unsafe.Pointer, length uint32, flags int32) int32

//go:wasmimport socket send
func send(fd int32, buf unsafe.Pointer, length uint32, flags int32) int32

//go:wasmimport socket sendto
func sendTo(fd int32, buf unsafe.Pointer, length uint32, flags int32, addr unsafe.Pointer, addrLength uint32) int32

//go:wasmimport socket setsockopt
func setSockOpt(fd, level, option int32, value unsafe.Pointer, length uint32) int32

//go:wasmimport socket getaddrinfo
func getAddrInfo(name unsafe.Pointer, length uint32, family int32, buf unsafe.Pointer, room uint32) int32

//go:wasmimport socket close
func closeSocket(fd int32) int32

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(answer(strings.Split(lines.Text(), "\t")))
	}
}

// call is a line taken apart.
type call []string

func (c call) number(i int) int32 {
	n, err := strconv.ParseInt(c[i], 0, 64)
	if err != nil {
		panic(err)
	}
	return int32(n)
}

func (c call) text(i int) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(c[i])), uint32(len(c[i]))
}

func answer(c call) any {
	switch c[0] {
	case "socket":
		return socket(c.number(1), c.number(2), c.number(3))
	case "listen":
		return listen(c.number(1), 8)
	case "close":
		return closeSocket(c.number(1))
	case "recv":
		buf := make([]byte, 1000)
		n := recv(c.number(1), unsafe.Pointer(&buf[0]), uint32(len(buf)), 0)
		return fmt.Sprint(n, string(buf[:max(n, 0)]))
	case "getaddrinfo":
		name, length := c.text(1)
		return getAddrInfo(name, length, 2, nil, 0)
	}
	return withText(c)
}

// withText is answer for the calls that take a text after the descriptor.
func withText(c call) any {
	text, length := c.text(2)
	switch fd := c.number(1); c[0] {
	case "bind":
		return bind(fd, text, length)
	case "connect":
		return connect(fd, text, length)
	case "connect_ex":
		return connectEx(fd, text, length)
	case "send":
		return send(fd, text, length, 0)
	case "sendto":
		return sendTo(fd, text, length, 0, text, length)
	case "setsockopt":
		value, err := hex.DecodeString(c[4])
		if err != nil {
			panic(err)
		}
		return setSockOpt(fd, c.number(2), c.number(3), unsafe.Pointer(&value[0]), uint32(len(value)))
	}
	panic("what is " + c[0])
}
