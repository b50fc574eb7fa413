//go:build linux || darwin || freebsd

package native

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestEveryErrorNumberOfTheContractIsMapped(t *testing.T) {
	for _, info := range core.Errnos {
		number := map[string]int{"linux": info.Linux, "darwin": info.Darwin}[runtime.GOOS]
		if number <= 0 || 1000 <= info.Errno && info.Errno < 3000 {
			continue // EAI numbers are no system call's
		}
		if got := coreErrno(syscall.Errno(number)); got != info.Errno {
			t.Errorf("%s: %d is mapped to %v", info.Name, number, got)
		}
	}
	for _, tt := range []struct {
		err  error
		want core.Errno
	}{
		{syscall.EOPNOTSUPP, core.ENOTSUP},
		{syscall.ENOTSUP, core.ENOTSUP},
		{syscall.EWOULDBLOCK, core.EAGAIN},
		{syscall.EXDEV, core.EIO},
		{syscall.Errno(9999), core.EIO},
		{core.EPIPE, core.EPIPE},
		{nil, 0},
	} {
		if got := coreErrno(tt.err); got != tt.want {
			t.Errorf("%v is mapped to %v, want %v", tt.err, got, tt.want)
		}
	}
}
