package core

import "testing"

// signatures is the contract of version 1 as plugins on disk were compiled
// against it. It may grow; nothing in it may change.
var signatures = map[string]string{
	"socket":      "(i32, i32, i32) -> i32",
	"bind":        "(i32, i32, i32) -> i32",
	"listen":      "(i32, i32) -> i32",
	"accept":      "(i32, i32, i32, i32) -> i32",
	"connect":     "(i32, i32, i32) -> i32",
	"connect_ex":  "(i32, i32, i32) -> i32",
	"recv":        "(i32, i32, i32, i32) -> i32",
	"recvfrom":    "(i32, i32, i32, i32, i32, i32, i32) -> i32",
	"send":        "(i32, i32, i32, i32) -> i32",
	"sendall":     "(i32, i32, i32, i32) -> i32",
	"sendto":      "(i32, i32, i32, i32, i32, i32) -> i32",
	"settimeout":  "(i32, f64) -> i32",
	"gettimeout":  "(i32) -> f64",
	"setblocking": "(i32, i32) -> i32",
	"getpeername": "(i32, i32, i32) -> i32",
	"getsockname": "(i32, i32, i32) -> i32",
	"fileno":      "(i32) -> i32",
	"shutdown":    "(i32, i32) -> i32",
	"close":       "(i32) -> i32",
	"setsockopt":  "(i32, i32, i32, i32, i32) -> i32",
	"getsockopt":  "(i32, i32, i32, i32, i32) -> i32",
	"poll":        "(i32, i32, f64) -> i32",
	"getaddrinfo": "(i32, i32, i32, i32, i32) -> i32",
	"strerror":    "(i32, i32, i32) -> i32",
}

func TestTheContractIsKept(t *testing.T) {
	for name, want := range signatures {
		c, ok := FindCall(name)
		if !ok {
			t.Errorf("%s is gone", name)
		} else if got := c.Signature(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestEveryPointerHasItsLength(t *testing.T) {
	for _, c := range Calls {
		for i, p := range c.Params {
			var want ParamKind
			switch p.Kind {
			case In, Out:
				want = Len
			case InOut:
				want = Count
			default:
				continue
			}
			if i+1 == len(c.Params) || c.Params[i+1].Kind != want {
				t.Errorf("%s: %s is not followed by its length", c.Name, p.Name)
			}
		}
	}
}
