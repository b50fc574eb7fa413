package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"time"
)

// The soak's clients. What they send, the upper-case echo leaves as it is; and
// whatever they receive must be the beginning of it.

// talks are the kinds of clients. Each has a connection of its own, sends a
// message and returns what came back.
var talks = []struct {
	name string
	talk func(c *net.TCPConn, message []byte) (received []byte, err error)
}{
	{"echo", talkEcho},
	{"half-close", talkHalfClose},
	{"byte by byte", talkBytes},
	{"reset", talkReset},
}

// talkEcho sends pieces, each when the one before has come back.
func talkEcho(c *net.TCPConn, message []byte) (received []byte, err error) {
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

func talkHalfClose(c *net.TCPConn, message []byte) ([]byte, error) {
	if _, err := c.Write(message); err != nil {
		return nil, err
	}
	if err := c.CloseWrite(); err != nil {
		return nil, err
	}
	return io.ReadAll(c)
}

func talkBytes(c *net.TCPConn, message []byte) (received []byte, err error) {
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
func talkReset(c *net.TCPConn, message []byte) ([]byte, error) {
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

// client has one connection after another, until the soak is over.
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

func (s *soak) converse(talk func(*net.TCPConn, []byte) ([]byte, error), message []byte) (int, error) {
	c, err := s.dial("upper")
	if err != nil {
		return 0, err
	}
	defer c.Close()
	received, err := talk(c, message)
	if !bytes.HasPrefix(message, received) {
		return 0, fmt.Errorf("received %.100q, which is no beginning of %.100q", received, message)
	}
	return len(received), err
}
