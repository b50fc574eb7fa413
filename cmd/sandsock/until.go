package main

import (
	"context"

	"github.com/sandsock/sandsock/core"
)

// until is a network whose sockets are canceled when a context ends, so that
// a blocked call of this process's own can be ended. What they accept is not.
type until struct {
	core.Network
	ctx context.Context
}

func (u until) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := u.Network.Socket(family, typ, proto)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(u.ctx, func() { s.SetCanceled(true) })
	return s, nil
}
