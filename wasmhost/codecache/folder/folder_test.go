package folder

import (
	"errors"
	"os"
	"testing"
)

// TestAFolderThatIsExchangedIsUnsafe gives the check another folder than the one
// that was looked at, as one who renames in between would.
func TestAFolderThatIsExchangedIsUnsafe(t *testing.T) {
	named, err := os.Lstat(t.TempDir())
	must(t, err)
	root, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer root.Close()
	var unsafe *UnsafeError
	if err := check(root, "x", named); !errors.As(err, &unsafe) {
		t.Errorf("the error is %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
