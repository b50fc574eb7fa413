package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// The bounds of one connection, and of all.
const (
	MaxRequest = 64 << 10 // bytes, with the end of the line
	MaxClients = 32
	Patience   = 5 * time.Second
)

// Handler does what is asked. It answers on the connection, once or more; an
// error is answered for it, a [*Failure] as it is. The context ends with the
// server. It is called from several goroutines at once.
type Handler func(ctx context.Context, r Request, c *Conn) error

// Server answers on one socket.
type Server struct {
	handler  Handler
	listener *net.UnixListener
	file     os.FileInfo // the socket's, to know it again
	patience time.Duration

	ctx     context.Context
	end     context.CancelFunc
	working sync.WaitGroup

	resigned sync.Once

	mu    sync.Mutex
	path  string
	conns map[*Conn]struct{}
}

// Path is where the server listens.
func (s *Server) Path() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.path
}

func serve(l *net.UnixListener, path string, handler Handler, patience time.Duration) (*Server, error) {
	file, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s := &Server{handler: handler, listener: l, path: path, file: file, patience: patience, conns: map[*Conn]struct{}{}}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.working.Add(1)
	go s.accept()
	return s, nil
}

// Close takes the socket away, ends what is still asked, and waits for that:
// an answer that nobody reads makes it wait for a second at most.
func (s *Server) Close() error {
	s.end()
	err := s.resign()
	s.mu.Lock()
	for c := range s.conns {
		if c.asked.Load() {
			_ = c.net.SetWriteDeadline(s.deadline())
		} else {
			_ = c.net.Close()
		}
	}
	s.mu.Unlock()
	s.working.Wait()
	return err
}

// resign takes the socket away, and the path where that is still its own: once,
// for when it is closed its file's number may be that of another's, which has
// the path by then.
func (s *Server) resign() (err error) {
	s.resigned.Do(func() {
		path := s.Path()
		if now, err := os.Lstat(path); err == nil && os.SameFile(now, s.file) {
			_ = os.Remove(path)
		}
		err = s.listener.Close()
	})
	return err
}

func (s *Server) accept() {
	defer s.working.Done()
	for failures := 0; ; {
		conn, err := s.listener.AcceptUnix()
		var c *Conn
		if err == nil {
			c = &Conn{server: s, net: conn, lines: bufio.NewReaderSize(conn, MaxRequest)}
		}
		switch {
		case err == nil && s.enter(c):
			failures = 0
			go s.connection(c)
		case s.ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return
		case err != nil: // no descriptors are left, or the like
			failures++
			select {
			case <-time.After(min(time.Duration(failures)*10*time.Millisecond, time.Second)):
			case <-s.ctx.Done():
			}
		}
	}
}

// enter counts a connection in; one that there is no room for is told so, and
// closed.
func (s *Server) enter(c *Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		_ = c.net.Close()
		return false
	case len(s.conns) >= MaxClients:
		c.Say(Answer{Error: &Failure{Text: fmt.Sprintf("%d are asking already, and that is the limit", MaxClients), Code: 1}})
		_ = c.net.Close()
		return false
	}
	s.conns[c] = struct{}{}
	s.working.Add(1)
	return true
}

func (s *Server) leave(c *Conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	_ = c.net.Close()
	s.working.Done()
}

func (s *Server) connection(c *Conn) {
	defer s.leave(c)
	_ = c.net.SetReadDeadline(time.Now().Add(s.patience))
	r, err := readRequest(c.lines)
	c.asked.Store(true)
	if err == nil {
		err = s.handler(s.ctx, r, c)
	}
	var f *Failure
	switch {
	case err == nil:
		return
	case !errors.As(err, &f):
		f = &Failure{Text: err.Error(), Code: 1}
	}
	c.Say(Answer{Error: f})
}

// deadline is until when an answer may be read that is written now.
func (s *Server) deadline() time.Time {
	patience := s.patience
	if s.ctx.Err() != nil {
		patience = min(patience, time.Second)
	}
	return time.Now().Add(patience)
}

func readRequest(lines *bufio.Reader) (r Request, err error) {
	line, err := lines.ReadSlice('\n')
	wrong := func(text string) error { return &Failure{Text: text, Code: 2} }
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return r, wrong("no whole line came in time")
	case err == bufio.ErrBufferFull:
		return r, wrong(fmt.Sprintf("a line of %d bytes is too long", MaxRequest))
	case err != nil:
		return r, wrong("the line has no end")
	}
	in := json.NewDecoder(bytes.NewReader(line))
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		return r, wrong("the line is no request: " + err.Error())
	}
	return r, nil
}
