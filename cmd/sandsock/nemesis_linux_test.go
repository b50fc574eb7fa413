package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/wasmhost"
)

// nemesis is a harm that the soak does to its host.
type nemesis struct {
	id string
	do func(s *soak, random *rand.Rand) error
}

// nemeses is all of them.
var nemeses = []nemesis{
	{"T1", attacking("loops")},
	{"T2", attacking("calls")},
	{"T9", trapping},
	{"T42", resetting},
	{"T48", withoutDescriptors},
	{"T52", savingBadFiles},
	{"T55", swappingOften},
	{"T61", damagingCode},
}

var soakAttackers = map[string]fixture{"loops": loops(), "calls": calls2(60), "traps": traps()}

// attacking connects to a handler that attacks, and waits for its end.
func attacking(route string) func(*soak, *rand.Rand) error {
	return func(s *soak, _ *rand.Rand) error {
		c, err := s.dial(route)
		if err != nil {
			return err
		}
		defer c.Close()
		return closed(c)
	}
}

// closed waits until the host closes a connection, whose client has nothing to
// receive.
func closed(c io.Reader) error {
	n, err := c.Read(make([]byte, 1))
	if n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the connection does not end: %d bytes, %v", n, err)
	}
	return nil
}

func trapping(s *soak, random *rand.Rand) error {
	c, err := s.dial("traps")
	if err != nil {
		return err
	}
	defer c.Close()
	_, _ = c.Write([]byte{byte(random.IntN(len(trapKinds)))}) // or it is closed, as the read tells
	reply := make([]byte, 1)
	switch _, err := io.ReadFull(c, reply); {
	case err != nil && s.isAside("traps"):
		s.count("T9, set aside", 1)
		return nil
	case err != nil || reply[0] != 1:
		return fmt.Errorf("the instance has had %d connections, %v", reply[0], err)
	}
	return closed(c)
}

// isAside reports whether the host has set a handler aside, now or before: five
// traps within ten seconds are as likely as not.
func (s *soak) isAside(handler string) bool {
	said := func(r wasmhost.Report) bool {
		return r.Event == wasmhost.EventTrouble && r.Handler == handler && strings.HasPrefix(r.Error, "set aside for ")
	}
	return len(s.h.seen(1, patience, said)) == 1
}

// resetting sends much, reads nothing, and leaves with a reset.
func resetting(s *soak, _ *rand.Rand) error {
	c, err := s.dial("echo")
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetReadBuffer(4096)
	_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	for range 100 {
		if _, err := c.Write(make([]byte, 64<<10)); err != nil {
			break // it is full
		}
	}
	return c.SetLinger(0)
}

// withoutDescriptors lets the host open nothing for a while: connections wait
// to be accepted, and those that are go on.
func withoutDescriptors(s *soak, _ *rand.Rand) error {
	pid := s.h.cmd.Process.Pid
	open, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return err
	}
	var before unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		return err
	}
	few := unix.Rlimit{Cur: uint64(len(open)), Max: before.Max}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		return err
	}
	s.pause(300 * time.Millisecond)
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil)
}
