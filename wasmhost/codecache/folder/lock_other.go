//go:build !darwin && !freebsd && !linux

package folder

import (
	"errors"
	"os"
)

// lock locks nothing.
func lock(*os.File) error { return errors.ErrUnsupported }
