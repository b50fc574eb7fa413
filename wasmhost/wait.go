package wasmhost

import (
	"context"
	"time"

	"github.com/sandsock/sandsock/core"
)

// wait waits until one of the sockets of fds is ready, or, where filled is not
// nil, until standard input has come by it. It reports whether that came. It
// is what poll and poll_oneoff have in common.
func (g *instance) wait(fds []core.PollFd, timeout time.Duration, filled <-chan []byte) (came bool, err error) {
	network := g.host.config.Network
	if filled == nil {
		_, err = network.Poll(g, fds, timeout)
		return false, err
	}
	select {
	case p := <-filled:
		g.input.take(p)
		_, err = network.Poll(g, fds, core.NonBlocking)
		return true, err
	default:
	}
	if timeout == core.NonBlocking {
		_, err = network.Poll(g, fds, timeout)
		return false, err
	}
	return g.waitBoth(fds, timeout, filled)
}

// waitBoth ends the network's wait when input comes.
func (g *instance) waitBoth(fds []core.PollFd, timeout time.Duration, filled <-chan []byte) (came bool, err error) {
	ctx, cancel := context.WithCancel(g)
	defer cancel()
	input, watched := make(chan []byte, 1), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case p := <-filled:
			input <- p
			cancel()
		case <-ctx.Done():
		}
	}()
	_, err = g.host.config.Network.Poll(ctx, fds, timeout)
	cancel()
	<-watched
	select {
	case p := <-input:
		g.input.take(p)
		return true, nil
	default:
		return false, err
	}
}
