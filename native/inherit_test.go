//go:build linux || darwin || freebsd

package native

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

func TestADescriptorIsNotInherited(t *testing.T) {
	listener, address := listening(t, 1)
	client := stream(t)
	must(t, client.Connect(address))
	conn, _, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	for _, s := range []core.Socket{listener, client, conn} {
		flags := value(unix.FcntlInt(uintptr(s.Fileno()), unix.F_GETFD, 0))(t)
		if flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d is inherited", s.Fileno())
		}
	}
}
