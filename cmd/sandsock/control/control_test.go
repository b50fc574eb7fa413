package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience bounds every wait of the tests.
const patience = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start begins a server whose patience is short, and ends it with the test.
func start(t *testing.T, patience time.Duration, handler Handler) *Server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := listen(path)
	must(t, err)
	l.SetUnlinkOnClose(false)
	s, err := serve(l, path, handler, patience)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// repeats answers each request with its route as a version's handler.
func repeats(_ context.Context, r Request, c *Conn) error {
	c.Say(Answer{Version: &Version{Handler: r.Route}})
	return nil
}

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", s.Path())
	must(t, err)
	must(t, c.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestWhoCannotSendHearsWhy: a server that has no room says so, and closes.
func TestWhoCannotSendHearsWhy(t *testing.T) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	must(t, err)
	defer l.Close()
	c, err := net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	must(t, err)
	other, err := l.Accept()
	must(t, err)
	_, err = other.Write([]byte(`{"error":{"text":"there is no room","code":1}}` + "\n"))
	must(t, err)
	must(t, other.Close())
	if err := askOn(t.Context(), c, "s", Request{Do: DoStatus}, nil); err == nil || err.Error() != "there is no room" {
		t.Errorf("the error is %v", err)
	}
}

// answered checks that a server answers a healthy client.
func answered(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	a, err := AskOnce(ctx, s.Path(), Request{Do: DoStatus, Route: "r"})
	if err != nil || a.Version == nil || a.Version.Handler != "r" {
		t.Fatalf("a healthy client gets %+v, %v", a, err)
	}
}

func TestWhatIsAskedIsAnswered(t *testing.T) {
	s := start(t, Patience, func(ctx context.Context, r Request, c *Conn) error {
		switch r.Do {
		case DoDrain:
			open := 0
			c.Say(Answer{Draining: &open})
			c.Say(Answer{Ended: true})
			return nil
		case DoSwap:
			return &Failure{Text: "no", Next: "try", Code: 3}
		}
		return errors.New("plain")
	})
	var got []Answer
	must(t, Ask(t.Context(), s.Path(), Request{Do: DoDrain}, func(a Answer) bool {
		got = append(got, a)
		return a.Ended
	}))
	if len(got) != 2 || got[0].Draining == nil || *got[0].Draining != 0 || !got[1].Ended {
		t.Errorf("a drain is answered with %+v", got)
	}
	var f *Failure
	if _, err := AskOnce(t.Context(), s.Path(), Request{Do: DoSwap}); !errors.As(err, &f) || *f != (Failure{Text: "no", Next: "try", Code: 3}) {
		t.Errorf("a swap is answered with %v", err)
	}
	if _, err := AskOnce(t.Context(), s.Path(), Request{}); !errors.As(err, &f) || *f != (Failure{Text: "plain", Code: 1}) {
		t.Errorf("what is no failure is answered as %v", err)
	}
	if err := Ask(t.Context(), s.Path(), Request{Do: DoDrain}, func(Answer) bool { return false }); err != ErrGone {
		t.Errorf("where answers end too soon the error is %v", err)
	}
}

func TestWhatIsNoRequestIsAnsweredWithWhy(t *testing.T) {
	s := start(t, 200*time.Millisecond, repeats)
	for _, tt := range []struct{ name, send, want string }{
		{"text", "hello\n", "the line is no request: invalid character 'h' looking for beginning of value"},
		{"an unknown field", `{"do":"status","now":1}` + "\n", `the line is no request: json: unknown field "now"`},
		{"another type", "[]\n", "the line is no request: json: cannot unmarshal array into Go value of type control.Request"},
		{"half a line", `{"do":"sta`, "no whole line came in time"},
		{"nothing", "", "no whole line came in time"},
		{"a huge line", strings.Repeat("x", 10*MaxRequest), "a line of 65536 bytes is too long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, s)
			go io.WriteString(c, tt.send) // the rest is not read, which ends it
			var a Answer
			must(t, json.NewDecoder(c).Decode(&a))
			if a.Error == nil || a.Error.Text != tt.want || a.Error.Code != 2 {
				t.Errorf("the answer is %+v", a.Error)
			}
			answered(t, s)
		})
	}
	c := dial(t, s)
	must(t, c.(*net.UnixConn).CloseWrite())
	if line, _ := bufio.NewReader(c).ReadString('\n'); !strings.Contains(line, "the line has no end") {
		t.Errorf("a client that says nothing gets %q", line)
	}
}

// TestClientsThatNeverReadKeepNobodyWaiting has an answer that fills the
// sockets' buffers, for nearly as many clients as there may be.
func TestClientsThatNeverReadKeepNobodyWaiting(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	begun := make(chan struct{}, MaxClients)
	s := start(t, 3*time.Second, func(ctx context.Context, r Request, c *Conn) error {
		if r.Route == "huge" {
			begun <- struct{}{}
			c.Say(Answer{Version: &Version{Handler: huge}})
			return nil
		}
		return repeats(ctx, r, c)
	})
	for range MaxClients - 4 {
		must(t, json.NewEncoder(dial(t, s)).Encode(Request{Do: DoStatus, Route: "huge"}))
	}
	for range MaxClients - 4 {
		receive(t, begun)
	}
	answered(t, s)
	// They are given up, though they neither read nor leave.
	for late := time.After(patience); s.open() > 0; {
		select {
		case <-late:
			t.Fatalf("%d are still answered", s.open())
		default:
			answered(t, s)
		}
	}
}

func receive(t *testing.T, from <-chan struct{}) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(patience):
		t.Fatal("it does not come")
	}
}

func (s *Server) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func TestMoreClientsThanThereMayBeAreToldSo(t *testing.T) {
	s := start(t, patience, repeats)
	for range MaxClients {
		dial(t, s)
	}
	var f *Failure
	if _, err := AskOnce(t.Context(), s.Path(), Request{Do: DoStatus}); !errors.As(err, &f) || f.Text != "32 are asking already, and that is the limit" {
		t.Errorf("one more gets %v", err)
	}
}

func TestCloseEndsWhatIsAsked(t *testing.T) {
	began := make(chan struct{}, 2)
	s := start(t, patience, func(ctx context.Context, r Request, c *Conn) error {
		began <- struct{}{}
		if r.Do == DoStatus {
			c.Say(Answer{Version: &Version{Handler: strings.Repeat("x", 1<<20)}})
		}
		<-ctx.Done()
		return errors.New("the server ends")
	})
	dial(t, s) // asks nothing
	must(t, json.NewEncoder(dial(t, s)).Encode(Request{Do: DoStatus}))
	waiting := dial(t, s)
	must(t, json.NewEncoder(waiting).Encode(Request{Do: DoSwap}))
	receive(t, began)
	receive(t, began)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	select {
	case err := <-closed:
		must(t, err)
	case <-time.After(patience / 2):
		t.Fatal("a client that does not read keeps the server from its end")
	}
	if line, _ := bufio.NewReader(waiting).ReadString('\n'); !strings.Contains(line, "the server ends") {
		t.Errorf("who waited gets %q", line)
	}
	if _, err := os.Lstat(s.Path()); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestAClientThatIsInterruptedWaitsNoMore(t *testing.T) {
	s := start(t, patience, func(ctx context.Context, _ Request, _ *Conn) error {
		<-ctx.Done()
		return nil
	})
	ctx, interrupt := context.WithCancelCause(t.Context())
	why := errors.New("interrupted")
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := AskOnce(ctx, s.Path(), Request{Do: DoStatus}); err != why {
			t.Errorf("the error is %v", err)
		}
	})
	interrupt(why)
	group.Wait()
}
