package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Conn is the connection of one who asks. It is the handler's, for one goroutine
// at a time, until that returns.
type Conn struct {
	server *Server
	net    *net.UnixConn
	lines  *bufio.Reader
	asked  atomic.Bool // its request has come
}

// Say writes a line; who does not read it in time does not get it, and nothing
// more.
func (c *Conn) Say(a Answer) {
	line, _ := json.Marshal(a) // an Answer always can be
	_ = c.net.SetWriteDeadline(c.server.deadline())
	if write(c.net, append(line, '\n'), a.Descriptors) != nil {
		_ = c.net.Close()
	}
}

// ErrLeft says that who asked has left.
var ErrLeft = errors.New("the connection has ended")

// Next reads the next request, of one who asks several things. The error is
// [ErrLeft] where none comes any more, and the context's, where that ends first.
func (c *Conn) Next(ctx context.Context, within time.Duration) (Request, error) {
	_ = c.net.SetReadDeadline(time.Now().Add(within))
	defer context.AfterFunc(ctx, func() { _ = c.net.SetReadDeadline(time.Now()) })()
	if _, err := c.lines.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return Request{}, ErrLeft
	}
	r, err := readRequest(c.lines)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return r, err
}

// Leaves waits until the one who asked does, or for as long as is given.
func (c *Conn) Leaves(within time.Duration) {
	_ = c.net.SetReadDeadline(time.Now().Add(within))
	_, _ = io.Copy(io.Discard, c.lines)
}

// Resign takes the server's socket away: nobody asks it any more. Who did
// already is still answered.
func (c *Conn) Resign() { c.server.resign() }
