package native

import "github.com/sandsock/sandsock/core"

// FromFileno is ENOTSUP: on Windows no socket is inherited by its number.
func FromFileno(int) (core.Socket, error) { return nil, core.ENOTSUP }

// Dup is ENOTSUP: see [FromFileno].
func Dup(core.Socket) (fd int, err error) { return -1, core.ENOTSUP }
