package wasmhost

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(believes); dir != "" {
		believe(dir)
		return
	}
	goleak.VerifyTestMain(m)
}
