//go:build unix

package supervise

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/cmd/sandsock/notify"
)

// DefaultSilence leaves half of ten seconds to start again.
const DefaultSilence = 5 * time.Second

// Config says what is supervised.
type Config struct {
	// Command makes the command of a process that is about to be started, with
	// its arguments, streams and own variables. The rest is the supervisor's.
	Command func() *exec.Cmd
	// Silence is how long the process may say nothing before it counts as
	// frozen, from its first READY=1 or WATCHDOG=1 on; 0 is DefaultSilence.
	Silence time.Duration
	// Drain and Cut ask the process to end, by a SIGTERM each; those of Hangups
	// are passed on.
	Drain, Cut <-chan struct{}
	Hangups    <-chan os.Signal
	// Say is told, in a sentence, why the process is started again. It must not
	// wait for whoever reads.
	Say func(text string)
}

// cutTime is how long a process may take to end that was told to at once.
const cutTime = 10 * time.Second

// well is how long a process has to serve until what happened before counts no
// more.
const well = time.Minute

type supervisor struct {
	Config
	store         store
	alive, isGone *os.File // the two ends of the lifeline
	served        bool     // once at least
	asked         bool     // to end
	deaths        int      // since it last was well
}

// Run supervises until the process ends for good: with exit code 0, because it
// was asked to, or before it ever served. It returns the process's exit code, or
// 128 and the signal that ended it, as shells count; the error is that none could
// be started.
func Run(c Config) (code int, err error) {
	if c.Silence == 0 {
		c.Silence = DefaultSilence
	}
	s := &supervisor{Config: c}
	defer s.store.close()
	if err := s.store.inherit(); err != nil {
		return 0, err
	}
	if s.isGone, s.alive, err = os.Pipe(); err != nil {
		return 0, err
	}
	defer s.alive.Close()
	defer s.isGone.Close()
	for {
		h, err := s.start()
		if err != nil && !s.served {
			return 0, err
		}
		end := ending{started: err == nil}
		if err == nil {
			end = s.attend(h)
		}
		if s.isOver(end) {
			return end.code(), nil
		}
		if !s.wait(end, err) {
			return 0, nil
		}
	}
}

// ending is how a process ended.
type ending struct {
	started bool
	pid     int
	status  syscall.WaitStatus
	silent  bool          // and was killed for it
	hungUp  bool          // a SIGHUP was passed on to it
	served  time.Duration // for how long
}

func (e ending) code() int {
	if e.status.Signaled() {
		return 128 + int(e.status.Signal())
	}
	return e.status.ExitStatus()
}

// isOver reports whether it is not to be started again.
func (s *supervisor) isOver(e ending) bool {
	switch {
	case s.asked:
		return true
	case !e.started:
		return false
	case !s.served:
		if e.status.Signaled() {
			s.Say(e.text() + " before it served")
		}
		return true
	}
	return e.code() == 0 || e.hungUp && e.status.Signaled() && e.status.Signal() == syscall.SIGHUP
}

func (e ending) text() string {
	switch {
	case e.silent:
		return fmt.Sprintf("host %d was silent for too long, and was killed", e.pid)
	case e.status.Signaled():
		return fmt.Sprintf("host %d ended by signal %d (%v)", e.pid, int(e.status.Signal()), e.status.Signal())
	}
	return fmt.Sprintf("host %d ended with exit code %d", e.pid, e.code())
}

// wait says what happened and waits before the next start: not at first, then
// 1, 2, 4 ... seconds. It returns false if nothing is to be started any more.
func (s *supervisor) wait(e ending, err error) bool {
	if e.served >= well {
		s.deaths = 0
	}
	pause := pauseAfter(s.deaths)
	s.deaths++
	text := e.text()
	if !e.started {
		text = "no host can be started: " + err.Error()
	}
	if pause == 0 {
		s.Say(text + "; it is started again")
	} else {
		s.Say(fmt.Sprintf("%s; it is started again in %v, and clients wait", text, pause))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-s.Drain:
			return false
		case <-s.Hangups: // there is nobody to be told
		}
	}
}

// pauseAfter is the pause after so many deaths before this one.
func pauseAfter(deaths int) time.Duration {
	const most = 30 * time.Second
	if deaths == 0 {
		return 0
	}
	return min(time.Second<<min(deaths-1, 10), most)
}

// attend looks after a process until it has ended.
func (s *supervisor) attend(h *host) (e ending) {
	e = ending{started: true, pid: h.cmd.Process.Pid}
	var servedAt time.Time
	var late <-chan time.Time
	drain, cut := s.Drain, s.Cut
	for {
		select {
		case m, more := <-h.messages:
			if !more {
				e.status = h.status()
				if !servedAt.IsZero() {
					e.served = time.Since(servedAt)
				}
				return e
			}
			if s.heed(m) && servedAt.IsZero() {
				servedAt = time.Now()
			}
		case <-h.silent:
			e.silent = true
			h.signal(syscall.SIGKILL)
		case hangup := <-s.Hangups:
			e.hungUp = true
			h.signal(hangup)
		case <-drain:
			drain = nil
			s.end()
			h.signal(syscall.SIGTERM)
		case <-cut:
			cut = nil
			h.signal(syscall.SIGTERM)
			late = time.After(cutTime)
		case <-late:
			h.signal(syscall.SIGKILL)
		}
	}
}

// end is when nobody is to come any more: the process closes its sockets, and
// clients would still connect to those that are kept.
func (s *supervisor) end() {
	s.asked = true
	s.store.close()
}

// heed does what a message says, and reports whether the process serves.
func (s *supervisor) heed(m message) bool {
	if m.lines["STOPPING"] == "1" {
		s.end()
	}
	name := m.lines["FDNAME"]
	if m.lines["FDSTOREREMOVE"] == "1" {
		s.store.remove(name)
	}
	if m.lines["FDSTORE"] == "1" && !s.asked {
		for _, descriptor := range m.descriptors {
			s.store.add(name, descriptor, m.lines[notify.SharedLine] == "1")
		}
		m.descriptors = nil
	}
	m.close()
	ready := m.lines["READY"] == "1"
	s.served = s.served || ready
	return ready
}

// start starts a process with what is kept for it from descriptor 3 on, and the
// lifeline behind.
func (s *supervisor) start() (*host, error) {
	mailbox, err := openMailbox()
	if err != nil {
		return nil, err
	}
	kept, err := s.store.copies()
	if err != nil {
		return nil, errors.Join(err, mailbox.close())
	}
	defer closeAll(kept)
	cmd := s.Command()
	cmd.Env = append(without(cmd.Environ(), supervisors),
		"NOTIFY_SOCKET="+mailbox.path,
		"WATCHDOG_USEC="+strconv.FormatInt(s.Silence.Microseconds(), 10),
		lifeline+"="+strconv.Itoa(inherit.FirstDescriptor+len(kept)))
	if s.served {
		cmd.Env = append(cmd.Env, served+"=1")
	}
	if len(kept) > 0 { // without LISTEN_PID, since the number is not known before there is a process
		cmd.Env = append(cmd.Env, "LISTEN_FDS="+strconv.Itoa(len(kept)), "LISTEN_FDNAMES="+s.store.names(), sharedSockets+"="+s.store.shared())
	}
	cmd.ExtraFiles = append(kept, s.isGone)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's signals come from here, once
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, mailbox.close())
	}
	return newHost(cmd, mailbox, s.Silence), nil
}
