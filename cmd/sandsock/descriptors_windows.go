package main

import (
	"errors"
	"net"
	"syscall"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
)

func duplicate(syscall.Conn) (int, error) { return -1, errors.ErrUnsupported }

func listenerOf(*inherit.Socket) (*net.TCPListener, error) { return nil, errors.ErrUnsupported }
