package core

import (
	"net/netip"
	"strconv"
	"time"
)

// Event is one call on a traced socket: reported when it begins and again,
// with Ended set, when it is over. The fields a call has no use for are zero.
type Event struct {
	Call   string    // its name in [Calls]: recv
	Socket int       // number of the socket in its trace, from 1 in the order they were made
	Ended  bool      // the call is over, and the results are set
	At     time.Time // when it began or ended

	Address netip.AddrPort // of bind, connect and sendto; a result of accept, recvfrom and the names
	Size    int            // bytes asked for; the backlog of listen; how of shutdown
	Data    []byte         // bytes to send, or that were received; valid during the report only
	Seconds float64        // of settimeout, -1 for none
	N       int            // result: bytes moved, or the number of the accepted socket
	Err     error
}

// String returns the call as Python would write it, without the object it is
// called on: recv(1024), and once ended with its result: recv(1024) → b'hi'.
func (e Event) String() string {
	text := e.Call + "(" + e.arguments() + ")"
	if result := e.Result(); e.Ended && result != "" {
		text += " → " + result
	}
	return text
}

func (e Event) arguments() string {
	switch e.Call {
	case "bind", "connect", "connect_ex":
		return PyAddress(e.Address)
	case "listen", "recv", "recvfrom", "shutdown":
		return strconv.Itoa(e.Size)
	case "send", "sendall":
		return PyBytes(e.Data)
	case "sendto":
		return PyBytes(e.Data) + ", " + PyAddress(e.Address)
	case "settimeout":
		return PyTimeout(time.Duration(e.Seconds * float64(time.Second)))
	}
	return ""
}

// Result returns what an ended call gave back as Python would print it, empty
// where Python's call returns None.
func (e Event) Result() string {
	if e.Err != nil {
		return PyError(e.Err)
	}
	switch e.Call {
	case "send", "sendto", "connect_ex":
		return strconv.Itoa(e.N)
	case "recv":
		return PyBytes(e.Data)
	case "recvfrom":
		return "(" + PyBytes(e.Data) + ", " + PyAddress(e.Address) + ")"
	case "accept":
		return "conn, " + PyAddress(e.Address)
	case "getsockname", "getpeername":
		return PyAddress(e.Address)
	}
	return ""
}
