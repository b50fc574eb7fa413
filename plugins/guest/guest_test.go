package guest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest/socket"
)

func TestTheResultOfHandleSaysHowTheHandlerEnded(t *testing.T) {
	for _, test := range []struct {
		name    string
		err     error
		result  int32
		printed string
	}{
		{"a good end", nil, 0, ""},
		{"success as a number", core.Errno(0), 0, ""},
		{"an error number", core.ECONNRESET, -15, "connection reset by peer\n"},
		{"an error number with its story", fmt.Errorf("the second line: %w", core.EPIPE), -64, "the second line: broken pipe\n"},
		{"an error of the handler's own", errors.New("no greeting"), failed, "no greeting\n"},
		{"an error of two lines", errors.Join(errors.New("one"), errors.New("two")), failed, "one two\n"},
	} {
		Handle(func(core.Socket) error { return test.err })
		var stderr strings.Builder
		if result := serve(nil, &stderr); result != test.result || stderr.String() != test.printed {
			t.Errorf("%s: %d, printed %q", test.name, result, stderr.String())
		}
	}
}

func TestTheHandlerGetsItsConnection(t *testing.T) {
	conn := socket.FromFD(7)
	var got core.Socket
	Handle(func(conn core.Socket) error { got = conn; return nil })
	serve(conn, &strings.Builder{})
	if got != conn {
		t.Errorf("got %v", got)
	}
}

func TestWithoutAHandlerTheLineSaysWhatToDo(t *testing.T) {
	Handle(nil)
	var stderr strings.Builder
	if result := serve(nil, &stderr); result != failed || !strings.Contains(stderr.String(), "guest.Handle in an init function") {
		t.Errorf("%d, printed %q", result, stderr.String())
	}
}

func TestOutsideASandboxThereIsNoHostToCall(t *testing.T) {
	network, ctx := socket.Network{}, context.Background()
	_, errSocket := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	_, errResolve := network.GetAddrInfo(ctx, "localhost", core.AF_UNSPEC)
	_, errPoll := network.Poll(ctx, nil, core.NonBlocking)
	_, errRecv := socket.FromFD(3).Recv(make([]byte, 1), 0)
	for _, err := range []error{errSocket, errResolve, errPoll, errRecv} {
		if err != core.ENOSYS {
			t.Errorf("%v, want %v", err, core.ENOSYS)
		}
	}
}
