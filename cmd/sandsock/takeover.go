package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/wasmhost"
)

// takeover is the side of a handover that takes: handover.go gives. Until
// commit the server that runs serves on, whatever becomes of this process.
type takeover struct {
	exchange *control.Exchange
	handover *control.Handover
	sockets  inherit.Set
	took     []int
}

// eventTookOver tells from whom, and how that stands.
const eventTookOver = "took over"

// takeOver asks the server that runs for its sockets.
func (a *app) takeOver(path string) (*takeover, error) {
	if control.MaxDescriptors == 0 {
		return nil, &failure{code: exitFailed, text: "cannot take over: on this system no socket goes to another process"}
	}
	asking := asking{app: a, path: path}
	path, err := asking.server()
	if err != nil {
		return nil, err
	}
	t := &takeover{}
	if t.exchange, err = control.Begin(a.drain, path); err != nil {
		return nil, cannotTakeOver(err)
	}
	answer, err := t.exchange.Ask(control.Request{Do: control.DoTakeover, PID: os.Getpid()})
	if err != nil {
		t.close()
		return nil, cannotTakeOver(err)
	}
	if err := t.receive(answer); err != nil {
		t.close()
		return nil, cannotTakeOver(err)
	}
	return t, nil
}

func cannotTakeOver(err error) error {
	var told *control.Failure
	var own *failure
	switch {
	case errors.As(err, &own): // an interrupt
		return own
	case errors.As(err, &told):
		return &failure{code: exitFailed, text: "cannot take over: " + told.Text, detail: told.Detail, next: told.Next}
	case errors.Is(err, control.ErrNobody):
		return &failure{code: exitFailed, text: "cannot take over: " + err.Error(), next: "where nobody is to be succeeded: sandsock serve without --takeover"}
	case errors.Is(err, control.ErrSilent):
		return &failure{code: exitFailed, text: "cannot take over: " + err.Error(), next: "is it frozen, or stopped? nothing has changed"}
	}
	return &failure{code: exitFailed, text: "cannot take over: " + err.Error()}
}

// receive makes sockets of the descriptors.
func (t *takeover) receive(a control.Answer) error {
	t.handover = a.Handover
	if a.Handover == nil || len(a.Handover.Sockets) != len(a.Descriptors) {
		control.CloseDescriptors(a.Descriptors)
		return errors.New("the answer is no handover, or not all sockets came")
	}
	for i, s := range a.Handover.Sockets {
		socket, err := inherit.FromFileno(a.Descriptors[i], inherit.NameOf(s.Name))
		if err != nil {
			control.CloseDescriptors(a.Descriptors[i+1:]) // that one may be closed, and its number another's
			t.sockets.Close()
			return fmt.Errorf("%s: %w", printable(s.Name), err)
		}
		socket.Shared, socket.Metrics, socket.Number = s.Shared, strings.HasPrefix(s.Name, metricsProtocol), i
		t.sockets = append(t.sockets, socket)
	}
	return nil
}

// commit is called when all is ready. The server that runs has to answer before
// the word that cannot be taken back is sent; from then on this process serves.
// Where it has ended meanwhile, its sockets are this one's alone. It returns what
// to say of it, and who drains.
func (t *takeover) commit() (text string, before []control.Before, err error) {
	from := fmt.Sprintf("took over %s from process %d", ofSockets(len(t.took), len(t.handover.Sockets)), t.handover.PID)
	switch a, err := t.exchange.Ask(control.Request{Do: control.DoReady, Took: t.took}); {
	case errors.Is(err, control.ErrGone) && t.handover.Restarted: // or two would serve, side by side
		return "", nil, &failure{
			code: exitFailed, text: fmt.Sprintf("cannot take over: process %d died meanwhile, and its supervisor starts it again", t.handover.PID),
			next: "once that serves, try again",
		}
	case errors.Is(err, control.ErrGone), err == nil && a.Ended:
		return from + ", which has ended", nil, nil
	case err != nil:
		return "", nil, cannotTakeOver(err)
	}
	a, err := t.exchange.Ask(control.Request{Do: control.DoCommit})
	switch {
	case err == nil && a.Ended:
		return from + ", which has ended", nil, nil
	case err != nil || a.Draining == nil:
		return from + ", which does not say that it drains", nil, nil
	case *a.Draining == 0:
		return from + ", which ends", a.Before, nil
	}
	text = from + ", which drains " + plural(*a.Draining, "connection")
	for _, b := range a.Before {
		if b.PID == t.handover.PID {
			text += ": sandsock status --control " + escaped(b.Control)
		}
	}
	return text, a.Before, nil
}

func (t *takeover) close() {
	if t != nil {
		t.exchange.Close()
	}
}

// has reports whether a socket is one of those.
func (t *takeover) has(s *inherit.Socket) bool { return slices.Contains(t.sockets, s) }

// takes is told that there is a use for a socket.
func (t *takeover) takes(s *inherit.Socket) {
	if t != nil && t.has(s) {
		t.took = append(t.took, s.Number)
	}
}

// commitTakeover makes the server that runs drain, where this one succeeds it.
func (s *service) commitTakeover() error {
	if s.takeover == nil {
		return nil
	}
	text, before, err := s.takeover.commit()
	if err == nil {
		s.mu.Lock()
		s.before = before
		s.mu.Unlock()
		s.journal.report(wasmhost.Report{Event: eventTookOver, Text: text})
	}
	return err
}
