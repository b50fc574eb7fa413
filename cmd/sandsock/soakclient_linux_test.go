package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"time"
)

// The soak's clients. They send capital letters, and whatever they receive must
// be the beginning of it, but for the marks between, which are all of one
// version's.

// echoed is a client's connection, of which it reads no marks.
type echoed struct {
	*net.TCPConn
	in   *bufio.Reader
	mark string // of all that came
}

// Read reads of one reply, or of several that have come.
func (e *echoed) Read(p []byte) (n int, err error) {
	for n < len(p) && (n == 0 || e.in.Buffered() > 0) {
		c, err := e.in.ReadByte()
		if err != nil {
			return n, err
		}
		if 'A' <= c && c <= 'Z' {
			p[n] = c
			n++
			continue
		}
		if err := e.marked(c); err != nil {
			return n, err
		}
	}
	return n, nil
}

// marked reads the rest of a mark.
func (e *echoed) marked(first byte) error {
	mark := make([]byte, 4)
	mark[0] = first
	if _, err := io.ReadFull(e.in, mark[1:]); err != nil {
		return err
	}
	if e.mark != "" && e.mark != string(mark) {
		return fmt.Errorf("replies of %q and of %q", e.mark, mark)
	}
	e.mark = string(mark)
	return nil
}

// talks are the kinds of clients. Each has a connection of its own, sends a
// message and returns what came back.
var talks = []struct {
	name string
	talk func(c *echoed, message []byte) (received []byte, err error)
}{
	{"echo", talkEcho},
	{"half-close", talkHalfClose},
	{"byte by byte", talkBytes},
	{"reset", talkReset},
}

// talkEcho sends pieces, each when the one before has come back.
func talkEcho(c *echoed, message []byte) (received []byte, err error) {
	for piece := range slices.Chunk(message, 1000) {
		if _, err := c.Write(piece); err != nil {
			return received, err
		}
		reply := make([]byte, len(piece))
		n, err := io.ReadFull(c, reply)
		if received = append(received, reply[:n]...); err != nil {
			return received, err
		}
	}
	return received, nil
}

// talkHalfClose reads after it has sent all, and nothing may be missing.
func talkHalfClose(c *echoed, message []byte) ([]byte, error) {
	if _, err := c.Write(message); err != nil {
		return nil, err
	}
	if err := c.CloseWrite(); err != nil {
		return nil, err
	}
	received, err := io.ReadAll(c)
	if err == nil && len(received) < len(message) {
		err = io.ErrUnexpectedEOF
	}
	return received, err
}

func talkBytes(c *echoed, message []byte) (received []byte, err error) {
	message = message[:min(len(message), 50)]
	for i := range message {
		if _, err := c.Write(message[i : i+1]); err != nil {
			return received, err
		}
	}
	received = make([]byte, len(message))
	n, err := io.ReadFull(c, received)
	return received[:n], err
}

// talkReset leaves in the middle.
func talkReset(c *echoed, message []byte) ([]byte, error) {
	if _, err := c.Write(message); err != nil {
		return nil, err
	}
	received := make([]byte, 1+len(message)/3)
	n, err := c.Read(received)
	_ = c.SetLinger(0)
	return received[:n], err
}

func (s *soak) dial(route string) (*net.TCPConn, error) {
	c, err := net.DialTimeout("tcp", s.h.addresses[slices.Index(s.h.routes, route)], patience)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), c.SetDeadline(time.Now().Add(patience))
}

// client has one connection after another, until the phase is over.
func (s *soak) client(random *rand.Rand) {
	for s.pause(time.Duration(random.IntN(500)) * time.Millisecond) {
		kind := talks[random.IntN(len(talks))]
		message := make([]byte, 1+random.IntN(8000))
		for i := range message {
			message[i] = 'A' + byte(random.IntN(26))
		}
		n, err := s.converse(kind.talk, message)
		if err != nil {
			s.t.Errorf("%s: %v", kind.name, err)
			return
		}
		s.count(kind.name, 1)
		s.count("bytes received", n)
	}
}

// converse has one connection, and holds it against its history: what was sent,
// and which versions there were meanwhile.
func (s *soak) converse(talk func(*echoed, []byte) ([]byte, error), message []byte) (int, error) {
	earliest := markOf(s.serving.Load())
	c, err := s.dial("echo")
	if err != nil {
		return 0, err
	}
	defer c.Close()
	e := &echoed{TCPConn: c, in: bufio.NewReader(c)}
	received, err := talk(e, message)
	latest := markOf(s.ordered.Load())
	switch {
	case !bytes.HasPrefix(message, received):
		return 0, fmt.Errorf("received %.100q, which is no beginning of %.100q", received, message)
	case e.mark != "" && (e.mark < earliest || e.mark > latest):
		return 0, fmt.Errorf("served by version %s, and there were %s to %s", e.mark, earliest, latest)
	}
	return len(received), err
}
