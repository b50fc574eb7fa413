package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
)

// quiet is how long nothing must come after a part of a reply for the reply
// to count as whole: a stream does not say where a message ends.
const quiet = 50 * time.Millisecond

// talker is one conversation. Its methods belong to one goroutine, which is
// the only one that prints; others read the socket and standard input.
type talker struct {
	*voice
	socket  core.Socket
	to      endpoint
	stream  bool
	hex     bool
	timeout time.Duration

	arrived chan arrival // nil once the other end has ended
	closed  chan struct{}
	sent    int // messages
	got     int // replies, or parts of one
	silent  int // messages without a reply
}

// arrival is what one recv brought; io.EOF is the end of the stream.
type arrival struct {
	data []byte
	err  error
}

func newTalker(v *voice, socket core.Socket, to endpoint, f talkFlags) *talker {
	t := &talker{
		voice: v, socket: socket, to: to, stream: to.typ == core.SOCK_STREAM,
		hex: f.hex, timeout: f.timeout,
		arrived: make(chan arrival), closed: make(chan struct{}),
	}
	go t.receive(t.arrived)
	return t
}

// stop ends the talker's goroutines, the one that reads standard input at its
// next line.
func (t *talker) stop() {
	close(t.closed)
	_ = t.socket.Close()
}

// receive passes on what comes, until an error or the end.
func (t *talker) receive(arrived chan<- arrival) {
	buf := make([]byte, 65536)
	for {
		n, err := t.socket.Recv(buf, 0)
		if n == 0 && err == nil && t.stream {
			err = io.EOF
		}
		select {
		case arrived <- arrival{append([]byte(nil), buf[:n]...), err}:
		case <-t.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

// take shows an arrival.
func (t *talker) take(a arrival) error {
	switch {
	case a.err == nil:
		t.got++
		t.show("<", a.data)
		return nil
	case errors.Is(a.err, io.EOF):
		t.arrived = nil
		t.print("< end of stream")
		return nil
	}
	t.arrived = nil
	return t.broken("recv", a.err)
}

// broken is the failure of a conversation that had begun.
func (t *talker) broken(call string, err error) error {
	f := &failure{code: exitFailed, text: call + " → " + core.PyError(err)}
	switch core.AsErrno(err) {
	case core.ECONNRESET, core.EPIPE:
		f.next = "the other end closed while something was on its way: its own log may say why"
	case core.EMSGSIZE:
		f.next = "a datagram holds at most 65507 bytes"
	default:
		f.next = connectHint(t.to, core.AsErrno(err))
	}
	return f
}

// send shows a message and hands it to the system, showing meanwhile what
// comes: both ends would wait for ever if each only sent.
func (t *talker) send(message []byte) error {
	t.show(">", message)
	t.sent++
	sent := make(chan error, 1)
	go func() { sent <- t.socket.SendAll(message, 0) }()
	for {
		select {
		case err := <-sent:
			if err != nil {
				return t.broken("send", err)
			}
			return nil
		case a := <-t.arrived:
			if err := t.take(a); err != nil {
				return err
			}
		}
	}
}

// await shows what comes until nothing has come for so long, the end has, or
// enough says so. It reports whether it stopped for want of anything.
func (t *talker) await(limit time.Duration, enough func() bool) (late bool, err error) {
	for t.arrived != nil && !enough() {
		select {
		case a := <-t.arrived:
			if err := t.take(a); err != nil {
				return false, err
			}
		case <-time.After(limit):
			return true, nil
		}
	}
	return false, nil
}

// reply waits for an answer to what has been sent since got was before, and
// then for the rest of it.
func (t *talker) reply(before int) error {
	late, err := t.await(t.timeout, func() bool { return t.got > before })
	if late {
		t.silent++
	}
	if late || err != nil {
		return err
	}
	_, err = t.await(quiet, never)
	return err
}

func never() bool { return false }

// script sends the messages of the command line.
func (t *talker) script(messages [][]byte, halfClose bool) error {
	for i, message := range messages {
		if t.arrived == nil {
			return &failure{code: exitFailed, text: "the other end closed before " + plural(len(messages)-i, "message") + " of yours"}
		}
		before := t.got
		if err := t.send(message); err != nil {
			return err
		}
		if halfClose {
			continue
		}
		if err := t.reply(before); err != nil {
			return err
		}
	}
	if halfClose {
		return t.finish()
	}
	return t.verdict()
}

// finish ends this side and shows the rest.
func (t *talker) finish() error {
	if err := t.socket.Shutdown(core.SHUT_WR); err != nil && t.arrived != nil {
		return t.broken("shutdown", err)
	}
	late, err := t.await(t.timeout, never)
	if err != nil {
		return err
	}
	if late {
		return &failure{
			code: exitInconclusive, text: "the other end has not ended, and nothing came for " + t.timeout.String(),
			next: "wait longer with --timeout",
		}
	}
	return nil
}

// verdict is the end of a talk in which replies were waited for.
func (t *talker) verdict() error {
	if t.silent == 0 {
		return nil
	}
	next := "wait longer with --timeout"
	if t.stream {
		next = `the server may wait for more: end a line with \n, or your side with --half-close; or wait longer with --timeout`
	}
	return &failure{
		code: exitInconclusive, next: next,
		text: "nothing came back for " + plural(t.silent, "message") + " within " + t.timeout.String(),
	}
}

// interact sends every line of standard input, and shows what comes whenever
// it comes.
func (t *talker) interact() error {
	if isTerminal(t.in) {
		t.say("type a line to send it; ctrl-d ends your side")
	}
	lines, before := t.lines(), 0
	for t.arrived != nil {
		select {
		case line, ok := <-lines:
			if !ok {
				return t.inputEnded(before)
			}
			before = t.got
			if err := t.send(line); err != nil {
				return err
			}
		case a := <-t.arrived:
			if err := t.take(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// inputEnded half-closes a connection. Datagrams have no end: the last one
// may have a reply.
func (t *talker) inputEnded(before int) error {
	if t.stream {
		return t.finish()
	}
	if t.sent == 0 {
		return nil
	}
	if err := t.reply(before); err != nil {
		return err
	}
	return t.verdict()
}

// lines reads standard input, a line at a time with its newline; a very long
// one comes in pieces.
func (t *talker) lines() <-chan []byte {
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		in := bufio.NewReaderSize(t.in, 65536)
		for {
			line, err := in.ReadSlice('\n')
			if len(line) > 0 {
				select {
				case lines <- append([]byte(nil), line...):
				case <-t.closed:
					return
				}
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	return lines
}

// show prints bytes and their number.
func (t *talker) show(mark string, data []byte) {
	head := fmt.Sprintf("%s %d B", t.onOut.name(mark), len(data))
	if !t.hex {
		t.print("%s  %s", head, core.PyBytes(data))
		return
	}
	t.print("%s\n%s", head, strings.TrimRight(hex.Dump(data), "\n"))
}
