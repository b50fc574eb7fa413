package core

import (
	"net/netip"
	"testing"
	"time"
)

func TestPyBytes(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "b''"},
		{"holle world!", "b'holle world!'"},
		{"it's", `b"it's"`},
		{`it's "so"`, `b'it\'s "so"'`},
		{"a\\b\t\n\r", `b'a\\b\t\n\r'`},
		{"\x00\x1f\x7f\xff", `b'\x00\x1f\x7f\xff'`},
	} {
		if got := PyBytes([]byte(tt.in)); got != tt.want {
			t.Errorf("PyBytes(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestPyAddress(t *testing.T) {
	for in, want := range map[netip.AddrPort]string{
		{}: "None",
		netip.MustParseAddrPort("127.0.0.1:6565"):   "('127.0.0.1', 6565)",
		netip.MustParseAddrPort("[::1]:6565"):       "('::1', 6565, 0, 0)",
		netip.MustParseAddrPort("[fe80::1%2]:6565"): "('fe80::1', 6565, 0, 2)",
	} {
		if got := PyAddress(in); got != want {
			t.Errorf("PyAddress(%v) = %s, want %s", in, got, want)
		}
	}
}

func TestPyError(t *testing.T) {
	for in, want := range map[Errno]string{
		0:            "",
		ECONNREFUSED: "ConnectionRefusedError: [Errno 111] Connection refused",
		EAGAIN:       "BlockingIOError: [Errno 11] Resource temporarily unavailable",
		EPIPE:        "BrokenPipeError: [Errno 32] Broken pipe",
		ErrTimeout:   "TimeoutError: timed out",
		ETIMEDOUT:    "TimeoutError: [Errno 110] Connection timed out",
		EAI_NONAME:   "socket.gaierror: [Errno -2] Name or service not known",
		EADDRINUSE:   "OSError: [Errno 98] Address already in use",
	} {
		var err error
		if in != 0 {
			err = in
		}
		if got := PyError(err); got != want {
			t.Errorf("PyError(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestPyTimeout(t *testing.T) {
	for in, want := range map[time.Duration]string{
		Blocking:                "None",
		NonBlocking:             "0.0",
		2500 * time.Millisecond: "2.5",
		3 * time.Second:         "3.0",
		100 * time.Microsecond:  "0.0001",
		9e9 * time.Second:       "9000000000.0",
		time.Nanosecond:         "1e-09",
	} {
		if got := PyTimeout(in); got != want {
			t.Errorf("PyTimeout(%v) = %s, want %s", in, got, want)
		}
	}
}
