package core

import (
	"net/netip"
	"strconv"
	"time"
)

// This file is the Python view: how CPython would print what a call moved or
// returned. The command, the trace and the lessons all print by it.

// PyBytes returns b as Python's repr prints bytes: b'holle world!\n'.
func PyBytes(b []byte) string { return string(AppendPyBytes(nil, b)) }

// AppendPyBytes appends [PyBytes] of b to out.
func AppendPyBytes(out, b []byte) []byte {
	quote := byte('\'')
	if hasByte(b, '\'') && !hasByte(b, '"') {
		quote = '"'
	}
	out = append(out, 'b', quote)
	for _, c := range b {
		out = appendPyByte(out, c, quote)
	}
	return append(out, quote)
}

func hasByte(b []byte, c byte) bool {
	for _, have := range b {
		if have == c {
			return true
		}
	}
	return false
}

func appendPyByte(out []byte, c, quote byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == quote || c == '\\':
		return append(out, '\\', c)
	case c == '\t':
		return append(out, `\t`...)
	case c == '\n':
		return append(out, `\n`...)
	case c == '\r':
		return append(out, `\r`...)
	case c < 0x20 || c >= 0x7f:
		return append(out, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return append(out, c)
}

// PyAddress returns an address as the tuple Python has for it:
// ('127.0.0.1', 6565), or ('::1', 6565, 0, 0) with flow label and scope. The
// zero address is None, as recvfrom gives it on a stream.
func PyAddress(address netip.AddrPort) string {
	if !address.IsValid() {
		return "None"
	}
	ip, port := address.Addr(), strconv.Itoa(int(address.Port()))
	if ip.Is4() {
		return "('" + ip.String() + "', " + port + ")"
	}
	return "('" + ip.WithZone("").String() + "', " + port + ", 0, " + pyScope(ip.Zone()) + ")"
}

func pyScope(zone string) string {
	if zone == "" {
		return "0"
	}
	return zone
}

// PyError returns an error as the last line of Python's traceback:
// ConnectionRefusedError: [Errno 111] Connection refused. The numbers are
// Linux's on every system, as in the notes a learner compares with.
func PyError(err error) string {
	e := AsErrno(err)
	info := e.Info()
	switch {
	case e == 0:
		return ""
	case e == ErrTimeout:
		return "TimeoutError: timed out"
	case e > 1000 && e < 2000:
		return "socket.gaierror: [Errno " + strconv.Itoa(info.Linux) + "] " + info.Message
	}
	return info.Exception + ": [Errno " + strconv.Itoa(info.Linux) + "] " + info.Message
}

// PyTimeout returns a timeout as Python's gettimeout gives it: None, 0.0, 2.5.
func PyTimeout(d time.Duration) string {
	if d < 0 {
		return "None"
	}
	seconds := d.Seconds()
	if seconds != 0 && seconds < 1e-4 { // where repr turns to exponents
		return strconv.FormatFloat(seconds, 'e', -1, 64)
	}
	text := strconv.FormatFloat(seconds, 'f', -1, 64)
	for i := range len(text) {
		if text[i] == '.' {
			return text
		}
	}
	return text + ".0"
}
