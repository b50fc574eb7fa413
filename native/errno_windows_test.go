package native

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

func TestEveryErrorNumberOfTheContractIsMapped(t *testing.T) {
	for _, info := range core.Errnos {
		if info.Windows <= 10000 || 1000 <= info.Errno && info.Errno < 3000 {
			continue // EAI numbers are no call's
		}
		if got := coreErrno(windows.Errno(info.Windows)); got != info.Errno {
			t.Errorf("%s: %d is mapped to %v", info.Name, info.Windows, got)
		}
	}
	for _, tt := range []struct {
		err  error
		want core.Errno
	}{
		{windows.ERROR_INVALID_HANDLE, core.EBADF},
		{windows.WSAEOPNOTSUPP, core.ENOTSUP},
		{windows.WSAEWOULDBLOCK, core.EAGAIN},
		{windows.Errno(9999), core.EIO},
		{core.EPIPE, core.EPIPE},
		{nil, 0},
	} {
		if got := coreErrno(tt.err); got != tt.want {
			t.Errorf("%v is mapped to %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestAHandleIsNotInherited(t *testing.T) {
	information := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetHandleInformation")
	listener, address := listening(t, 1)
	client := stream(t)
	must(t, client.Connect(address))
	conn, _, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	for _, s := range []core.Socket{listener, client, conn} {
		var flags uint32
		if ok, _, err := information.Call(uintptr(s.Fileno()), uintptr(unsafe.Pointer(&flags))); ok == 0 {
			t.Fatal(err)
		}
		if flags&windows.HANDLE_FLAG_INHERIT != 0 {
			t.Errorf("handle %d is inherited", s.Fileno())
		}
	}
}
