//go:build unix

package supervise

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// host is a process that was started.
type host struct {
	cmd      *exec.Cmd
	mailbox  *mailbox
	messages chan message  // closed when the process has ended and all it said is heard
	silent   chan struct{} // has one when the process has been silent for too long
	gone     chan struct{} // closed when the process has ended
}

func newHost(cmd *exec.Cmd, mailbox *mailbox, silence time.Duration) *host {
	h := &host{
		cmd: cmd, mailbox: mailbox,
		messages: make(chan message), silent: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	go func() {
		_ = cmd.Wait()
		close(h.gone)
		mailbox.end()
	}()
	go h.listen(silence)
	return h
}

// listen hands on what the process says. Once it has said that it serves, or that
// it lives, it has to say that it lives within the silence.
func (h *host) listen(silence time.Duration) {
	defer close(h.messages)
	defer h.mailbox.close()
	var until time.Time // zero: it may be silent
	for {
		m, err := h.mailbox.next(until)
		switch {
		case err == nil:
			if (m.lines["WATCHDOG"] == "1" || m.lines["READY"] == "1") && until != past {
				until = time.Now().Add(silence)
			}
			h.messages <- m
			continue
		case until == past:
			return
		}
		if !h.mailbox.over.Load() { // or it cannot be heard, for whatever reason
			h.silent <- struct{}{}
		}
		<-h.gone
		until = past
	}
}

// status is how the process ended, to be called when messages is closed.
func (h *host) status() syscall.WaitStatus {
	return h.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// signal does nothing where the process has ended.
func (h *host) signal(s os.Signal) { _ = h.cmd.Process.Signal(s) }

// supervisors are the variables that are between a process and who started it.
var supervisors = []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", lifeline, sharedSockets, served}

func without(environment, names []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(names, name)
	})
}
