//go:build linux || darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

func domainOf(family core.Family) (int, error) {
	switch family {
	case core.AF_INET:
		return unix.AF_INET, nil
	case core.AF_INET6:
		return unix.AF_INET6, nil
	}
	return 0, core.EAFNOSUPPORT
}
