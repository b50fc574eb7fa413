package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// ErrGone says that the server ended without its last answer.
var ErrGone = errors.New("the server is gone, and did not say why")

// ErrNobody says that no server listens on a socket.
var ErrNobody = errors.New("nobody answers")

// MaxAnswer is the most that is read of all answers, in bytes.
const MaxAnswer = 64 << 20

// Ask asks the server on a socket, and calls with each answer what the caller
// gives, which says when it has the last one. The error is a [*Failure] where
// the server answered with one, the context's, where that ends first, and
// [ErrGone] or [ErrNobody] where there is no server, any more or at all.
func Ask(ctx context.Context, path string, r Request, each func(Answer) (last bool)) error {
	c, err := connect(path)
	if err != nil {
		return err
	}
	return askOn(ctx, c, path, r, each)
}

func askOn(ctx context.Context, c *net.UnixConn, path string, r Request, each func(Answer) (last bool)) error {
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	_ = c.SetWriteDeadline(time.Now().Add(Patience))
	// What cannot be sent may be since the server has no room, or ends, and said so.
	_ = json.NewEncoder(c).Encode(r)
	in := bufio.NewReader(&io.LimitedReader{R: c, N: MaxAnswer})
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return orEnded(ctx, ErrGone)
		}
		a, err := readAnswer(path, line)
		if err != nil {
			return err
		}
		if each(a) {
			return nil
		}
	}
}

// connect is to the server on a socket. The error is [ErrNobody].
func connect(path string) (*net.UnixConn, error) {
	c, err := net.DialTimeout("unix", path, Patience)
	if err != nil {
		return nil, fmt.Errorf("%w on %s: %w", ErrNobody, path, plain(err))
	}
	return c.(*net.UnixConn), nil
}

// readAnswer reads a line that came on a socket. The error may be a [*Failure].
func readAnswer(path string, line []byte) (a Answer, err error) {
	if err := json.Unmarshal(line, &a); err != nil {
		return Answer{}, fmt.Errorf("what answers on %s is no sandsock serve: %w", path, err)
	}
	if a.Error != nil {
		return Answer{}, a.Error
	}
	return a, nil
}

func orEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// AskOnce asks for what has one answer.
func AskOnce(ctx context.Context, path string, r Request) (a Answer, err error) {
	err = Ask(ctx, path, r, func(one Answer) bool {
		a = one
		return true
	})
	return a, err
}
