package main

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/core"
)

// talkFlags is the command line of `sandsock talk`.
type talkFlags struct {
	messages  messageFlags
	hex       bool
	udp       bool
	halfClose bool
	timeout   time.Duration
}

func newTalk(a *app) *cobra.Command {
	var f talkFlags
	c := &cobra.Command{
		Use:   "talk [ADDR]",
		Short: "send messages to a server and see what comes back",
		Example: `  sandsock talk -m 'holle world!'                 to ` + defaultEndpoint + `
  sandsock talk localhost:6565                    every line you type
  sandsock talk localhost:6565 -m '\x00\xff' --hex
  sandsock talk localhost:6565 -m a -m b --half-close`,
		Long: `after each message it waits for a reply; > is what went, < what came.
exits with 4 where a message had no reply in time`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := f.target(c, args)
			if err != nil {
				return err
			}
			return a.talkTo(f, e)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.VarP(&f.messages, "message", "m", `send this; \n, \t, \\ and \xNN stand for bytes; may be given again`)
	flags.BoolVar(&f.hex, "hex", false, "show bytes as offset, hexadecimal and text")
	flags.BoolVar(&f.udp, "udp", false, "send datagrams, as udp:// before the address does")
	flags.BoolVar(&f.halfClose, "half-close", false, "send everything, end this side, then read to the end")
	flags.DurationVar(&f.timeout, "timeout", 5*time.Second, "how long to wait for the connection and for a reply, 5s if not given")
	return c
}

// target returns where to connect.
func (f *talkFlags) target(c *cobra.Command, args []string) (endpoint, error) {
	text := defaultEndpoint
	if len(args) > 0 {
		text = args[0]
	}
	e, err := parseEndpoint(text)
	if err != nil {
		return e, usage(c, err.Error())
	}
	if f.udp {
		e.typ = core.SOCK_DGRAM
	}
	switch {
	case f.timeout <= 0:
		return e, usage(c, "--timeout "+f.timeout.String()+": it is more than 0")
	case f.halfClose && e.typ == core.SOCK_DGRAM:
		return e, usage(c, "--half-close needs a connection, and datagrams have none")
	}
	return e, nil
}

// talkTo connects, and talks as the flags say or as standard input does.
func (a *app) talkTo(f talkFlags, e endpoint) error {
	ctx, cancel := context.WithCancel(a.drain)
	defer cancel()
	socket, peer, err := a.connect(ctx, e, f.timeout)
	if err != nil {
		return a.orInterrupted(err)
	}
	defer socket.Close()
	if own, err := socket.GetSockName(); err == nil {
		a.say("connected to %s from %s", core.PyAddress(peer), core.PyAddress(own))
	}
	t := newTalker(a.voice, socket, e, f)
	defer t.stop()
	if len(f.messages) > 0 {
		err = t.script(f.messages, f.halfClose)
	} else {
		err = t.interact()
	}
	return a.orInterrupted(err)
}

// connect tries the addresses of an endpoint in turn. Its error is that of
// the first.
func (a *app) connect(ctx context.Context, e endpoint, timeout time.Duration) (core.Socket, netip.AddrPort, error) {
	addresses, err := e.resolve(ctx, a.network)
	if err != nil {
		return nil, netip.AddrPort{}, cannotConnect(e.text, e, err)
	}
	var first error
	for _, address := range addresses {
		s, err := dial(until{a.network, ctx}, e.typ, address, timeout)
		if err == nil {
			return s, address, nil
		}
		if first == nil {
			first = cannotConnect(core.PyAddress(address), e, err)
		}
	}
	return nil, netip.AddrPort{}, first
}

func dial(network core.Network, typ core.Type, address netip.AddrPort, timeout time.Duration) (core.Socket, error) {
	s, err := network.Socket(core.FamilyOf(address.Addr()), typ, 0)
	if err != nil {
		return nil, err
	}
	if err = s.SetTimeout(timeout); err == nil {
		err = s.Connect(address)
	}
	if err == nil {
		err = s.SetTimeout(core.Blocking)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// cannotConnect is the failure to reach a server, as Python would print it.
func cannotConnect(address string, e endpoint, err error) error {
	return &failure{
		code: exitFailed,
		text: fmt.Sprintf("connect(%s) → %s", address, pythonText(err)),
		next: connectHint(e, core.AsErrno(err)),
	}
}

func connectHint(e endpoint, err core.Errno) string {
	switch err {
	case core.ECONNREFUSED:
		return "nothing listens there. to serve: sandsock serve --listen " + e.listenText()
	case core.ErrTimeout, core.ETIMEDOUT:
		return "nothing answers: is the address right, or is a firewall between?"
	case core.ENETUNREACH, core.EHOSTUNREACH:
		return "this machine has no way there"
	case core.EAI_NONAME, core.EAI_AGAIN, core.EAI_NODATA:
		return "is the name spelled right? this machine itself is localhost"
	}
	return ""
}

func (e endpoint) listenText() string {
	if e.typ == core.SOCK_DGRAM {
		return "udp://" + e.text
	}
	return e.text
}
