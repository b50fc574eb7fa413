package control

import (
	"context"
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNobodyElseMayConnectBeforeTheModeIsSet looks at the file as bind makes
// it, where the user lets everybody do everything.
func TestNobodyElseMayConnectBeforeTheModeIsSet(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), "s")
	config := net.ListenConfig{Control: beforeBind}
	l, err := config.Listen(context.Background(), "unix", path)
	must(t, err)
	defer l.Close()
	if got := mode(t, path); got != 0o600 {
		t.Errorf("the mode is %o", got)
	}
}
