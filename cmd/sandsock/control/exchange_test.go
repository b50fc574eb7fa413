//go:build unix

package control

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// begin connects to a server, and leaves with the test.
func begin(t *testing.T, s *Server) *Exchange {
	t.Helper()
	x, err := Begin(t.Context(), s.Path())
	must(t, err)
	t.Cleanup(x.Close)
	return x
}

// TestSeveralThingsAreAskedOnOneConnection, and a descriptor comes with the
// answer that has one, however long that is.
func TestSeveralThingsAreAskedOnOneConnection(t *testing.T) {
	in, out, err := os.Pipe()
	must(t, err)
	defer in.Close()
	defer out.Close()
	ended := make(chan error, 1)
	s := start(t, patience, func(ctx context.Context, r Request, c *Conn) error {
		sockets := make([]Socket, 5000)
		c.Say(Answer{Handover: &Handover{PID: r.PID, Sockets: sockets}, Descriptors: []int{int(out.Fd())}})
		if r, err := c.Next(ctx, patience); err != nil || r.Do != DoReady || len(r.Took) != 1 {
			t.Errorf("the next request is %+v, %v", r, err)
		}
		c.Say(Answer{Waiting: true})
		_, err := c.Next(ctx, patience)
		ended <- err
		return err
	})
	x := begin(t, s)
	a, err := x.Ask(Request{Do: DoTakeover, PID: 7})
	if err != nil || a.Handover == nil || a.Handover.PID != 7 || len(a.Handover.Sockets) != 5000 || len(a.Descriptors) != 1 {
		t.Fatalf("the answer has %d descriptors, %v", len(a.Descriptors), err)
	}
	received := os.NewFile(uintptr(a.Descriptors[0]), "received")
	defer received.Close()
	if flags, err := unix.FcntlInt(received.Fd(), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Error("what was received is inherited")
	}
	_, err = io.WriteString(received, "x")
	must(t, err)
	if n, err := in.Read(make([]byte, 2)); n != 1 || err != nil {
		t.Errorf("by the descriptor come %d bytes, %v", n, err)
	}
	if a, err := x.Ask(Request{Do: DoReady, Took: []int{0}}); err != nil || !a.Waiting || a.Descriptors != nil {
		t.Errorf("the next answer is %+v, %v", a, err)
	}
	x.Close()
	if err := <-ended; err != ErrLeft {
		t.Errorf("of one who left the server says %v", err)
	}
}

func TestAnExchangeTellsHowItEnds(t *testing.T) {
	s := start(t, patience, func(ctx context.Context, r Request, c *Conn) error {
		if r.Do == DoTakeover {
			return &Failure{Text: "no", Code: 3}
		}
		return nil // without an answer
	})
	var f *Failure
	if _, err := begin(t, s).Ask(Request{Do: DoTakeover}); !errors.As(err, &f) || f.Text != "no" {
		t.Errorf("a failure is %v", err)
	}
	x := begin(t, s)
	for range 2 { // it cannot be asked again either
		if _, err := x.Ask(Request{Do: DoReady}); err != ErrGone {
			t.Errorf("a server without an answer is %v", err)
		}
	}
	if _, err := Begin(t.Context(), s.Path()+"x"); !errors.Is(err, ErrNobody) {
		t.Errorf("no server is %v", err)
	}
}

func TestAServerThatEndsWaitsForNoNextRequest(t *testing.T) {
	why := make(chan error, 1)
	asked := make(chan struct{})
	s := start(t, patience, func(ctx context.Context, r Request, c *Conn) error {
		close(asked)
		_, err := c.Next(ctx, patience)
		why <- err
		return err
	})
	x := begin(t, s)
	go func() { _, _ = x.Ask(Request{Do: DoTakeover}) }()
	<-asked
	must(t, s.Close())
	if err := <-why; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}

// TestAPathGoesToAnotherServerWithoutAGap asks all the while: one or the other
// answers.
func TestAPathGoesToAnotherServerWithoutAGap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	called := func(name string) Handler {
		return func(_ context.Context, _ Request, c *Conn) error {
			c.Say(Answer{Version: &Version{Handler: name}})
			return nil
		}
	}
	old, err := ListenAt(path, called("old"))
	must(t, err)
	next, err := ListenBeside(path, called("new"))
	must(t, err)
	defer next.Close()
	asks := func() string {
		a, err := AskOnce(t.Context(), path, Request{Do: DoStatus})
		if err != nil {
			t.Errorf("a gap: %v", err)
			return ""
		}
		return a.Version.Handler
	}
	moved := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-moved:
				return
			default:
				asks()
			}
		}
	})
	must(t, next.MoveTo(path))
	close(moved)
	asking.Wait()
	must(t, old.Close())
	if got := asks(); got != "new" || mode(t, path) != 0o600 {
		t.Errorf("it is %s that answers", got)
	}
	must(t, next.Close())
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// TestWhoAskedIsAnsweredByAServerThatResigned, and nobody else.
func TestWhoAskedIsAnsweredByAServerThatResigned(t *testing.T) {
	resigned, answer := make(chan struct{}), make(chan struct{})
	s := start(t, patience, func(ctx context.Context, r Request, c *Conn) error {
		c.Resign()
		close(resigned)
		<-answer
		return repeats(ctx, r, c)
	})
	x := begin(t, s)
	var asking sync.WaitGroup
	asking.Go(func() {
		if a, err := x.Ask(Request{Do: DoStatus, Route: "r"}); err != nil || a.Version == nil {
			t.Errorf("who asked gets %+v, %v", a, err)
		}
	})
	<-resigned
	if _, err := AskOnce(t.Context(), s.Path(), Request{Do: DoStatus}); !errors.Is(err, ErrNobody) {
		t.Errorf("who comes later gets %v", err)
	}
	close(answer)
	asking.Wait()
}
