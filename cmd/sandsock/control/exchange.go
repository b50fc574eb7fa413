package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// ErrSilent says that a server did not answer in time, and may be frozen.
var ErrSilent = errors.New("does not answer")

var errDescriptorsLost = errors.New("not all sockets came: this process has too many descriptors open")

// Exchange is a connection on which several things are asked, one after
// another.
type Exchange struct {
	ctx  context.Context
	conn *net.UnixConn
	path string
	stop func() bool
}

// Begin connects to the server on a socket. The context ends the exchange.
func Begin(ctx context.Context, path string) (*Exchange, error) {
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	return &Exchange{ctx: ctx, conn: c, path: path, stop: context.AfterFunc(ctx, func() { _ = c.Close() })}, nil
}

// Close ends the exchange. It may be called twice.
func (x *Exchange) Close() {
	x.stop()
	_ = x.conn.Close()
}

// Ask asks one thing and returns its one answer, with the descriptors that came
// with it, which are the caller's. The error is as that of [Ask], or
// [ErrSilent] where nothing comes within Patience.
func (x *Exchange) Ask(r Request) (a Answer, err error) {
	_ = x.conn.SetDeadline(time.Now().Add(Patience))
	// What cannot be sent may be since the server has ended, and said why.
	_ = json.NewEncoder(x.conn).Encode(r)
	first := make([]byte, 1)
	n, descriptors, err := readFirst(x.conn, first)
	if err == nil && n == 0 {
		err = io.EOF
	}
	var line []byte
	if err == nil {
		line, err = bufio.NewReader(&io.LimitedReader{R: x.conn, N: MaxAnswer}).ReadBytes('\n')
	}
	if err == nil {
		a, err = readAnswer(x.path, append(first, line...))
	} else {
		err = x.why(err)
	}
	if err != nil {
		CloseDescriptors(descriptors)
		return Answer{}, err
	}
	a.Descriptors = descriptors
	return a, nil
}

func (x *Exchange) why(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("%s %w", x.path, ErrSilent)
	case errors.Is(err, errDescriptorsLost):
	default:
		err = ErrGone
	}
	return orEnded(x.ctx, err)
}
