package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// configuredServer is `sandsock serve -f` in this process, over the real
// network, whose reports are read.
type configuredServer struct {
	t       *testing.T
	file    string
	reports chan wasmhost.Report
	signals chan os.Signal
	ended   chan int
}

func serveConfigured(t *testing.T, content string) *configuredServer {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no native sockets")
	}
	s := &configuredServer{
		t: t, file: filepath.Join(t.TempDir(), "f.toml"),
		reports: make(chan wasmhost.Report, 100_000), signals: make(chan os.Signal, 2), ended: make(chan int, 1),
	}
	upper, _ := plugins.Open("upper")
	check(t, os.WriteFile(filepath.Join(filepath.Dir(s.file), "file.wasm"), upper, 0o600)) // small: it compiles at once
	s.save(content)
	out, in := io.Pipe()
	go func() {
		defer close(s.reports)
		for lines := json.NewDecoder(out); ; {
			var r wasmhost.Report
			if lines.Decode(&r) != nil {
				return
			}
			s.reports <- r
		}
	}()
	go func() {
		args := []string{"serve", "-f", s.file, "--json", "--no-control", "--cache", t.TempDir()}
		s.ended <- run(args, strings.NewReader(""), in, io.Discard, s.signals)
		_ = in.Close()
	}()
	return s
}

// save renames a file into place.
func (s *configuredServer) save(content string) {
	s.t.Helper()
	check(s.t, os.WriteFile(s.file+"~", []byte(content), 0o600))
	check(s.t, os.Rename(s.file+"~", s.file))
}

// wait returns the next report of an event, and what came before it.
func (s *configuredServer) wait(event string) (found wasmhost.Report, before []wasmhost.Report) {
	s.t.Helper()
	late := time.After(patience)
	for {
		select {
		case r, ok := <-s.reports:
			switch {
			case !ok:
				s.t.Fatalf("it ended before it was %s", event)
			case r.Event == event:
				return r, before
			}
			before = append(before, r)
		case <-late:
			s.t.Fatalf("not %s: %+v", event, before)
		}
	}
}

// end interrupts it and returns the reports that are left.
func (s *configuredServer) end() (rest []wasmhost.Report) {
	s.signals <- os.Interrupt
	if code := soon(s.t, s.ended); code != exitWell {
		s.t.Errorf("exit code %d", code)
	}
	for r := range s.reports {
		rest = append(rest, r)
	}
	return rest
}

func dialRoute(t *testing.T, route string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(route, "tcp://"))
	check(t, err)
	check(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

func exchangeWith(c io.ReadWriter, text string) (string, error) {
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	p := make([]byte, len(text))
	_, err := io.ReadFull(c, p)
	return string(p), err
}

// exchanging talks on one connection, and on new ones, until stop is closed. It
// returns what went wrong.
func exchanging(route string, stop chan struct{}) (n int, err error) {
	address := strings.TrimPrefix(route, "tcp://")
	stays, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer stays.Close()
	for ; ; n++ {
		select {
		case <-stop:
			return n, nil
		default:
		}
		c, err := net.Dial("tcp", address)
		if err != nil {
			return n, err
		}
		for _, c := range []net.Conn{stays, c} {
			_ = c.SetDeadline(time.Now().Add(patience))
			if got, err := exchangeWith(c, "abc"); err != nil || got != "ABC" {
				return n, fmt.Errorf("%q, %v", got, err)
			}
		}
		_ = c.Close()
	}
}

// TestAReloadLeavesTheOtherRoutesAlone changes one route's handler and limits,
// has another come and go, and saves bad files, while a third one is talked to.
func TestAReloadLeavesTheOtherRoutesAlone(t *testing.T) {
	const alone = "[[route]]\nlisten = '127.0.0.1:0'\nhandler = 'file.wasm'\n"
	changing := func(handler, more string) string {
		return alone + "[[route]]\nlisten = 'localhost:0'\nhandler = '" + handler + "'\n" + more
	}
	s := serveConfigured(t, changing("upper", ""))
	routes := map[string]string{}
	for range 2 {
		r, _ := s.wait(wasmhost.EventServing)
		routes[filepath.Base(r.Handler)] = r.Route
	}
	old := dialRoute(t, routes["upper"])
	defer old.Close()
	if got, err := exchangeWith(old, "abc"); got != "ABC" {
		t.Fatalf("the old connection gets %q, %v", got, err)
	}

	stop := make(chan struct{})
	var talking sync.WaitGroup
	talking.Go(func() {
		if n, err := exchanging(routes["file.wasm"], stop); err != nil || n == 0 {
			t.Errorf("a client of the route that stays, after %d exchanges: %v", n, err)
		}
	})
	var seen []wasmhost.Report
	see := func(event, text string) {
		t.Helper()
		r, before := s.wait(event)
		seen = append(seen, before...)
		if !strings.Contains(r.Text+r.Error, text) {
			t.Errorf("it says %q, want %q", r.Text+r.Error, text)
		}
	}
	for i := range 3 {
		s.save(changing("file.wasm", "[[route]]\nlisten = '127.0.0.2:0'\nhandler = 'upper'"))
		see(eventConfigured, "1 route new, 1 route changed")
		s.save(changing("file.wasm", "idle = 'soon'"))
		see(wasmhost.EventTrouble, `f.toml:7:8: idle "soon"`)
		s.save(changing("upper", fmt.Sprintf("idle = '%dm'", i+1)))
		see(eventConfigured, "1 route changed, 1 route gone")
	}
	close(stop)
	talking.Wait()
	if got, err := exchangeWith(old, "abc"); got != "ABC" {
		t.Errorf("the old connection of the route that changed gets %q, %v", got, err)
	}
	check(t, old.Close())

	for _, r := range append(seen, s.end()...) {
		switch r.Event {
		case wasmhost.EventFailed, wasmhost.EventStopped, wasmhost.EventRefused:
			t.Errorf("%+v", r)
		case wasmhost.EventSwapped, wasmhost.EventServing:
			if r.Route == routes["file.wasm"] {
				t.Errorf("the route that stays: %+v", r)
			}
		case wasmhost.EventClosed:
			if r.Route == routes["file.wasm"] && r.Version != 1 {
				t.Errorf("a connection was served by version %d", r.Version)
			}
		}
	}
}

// TestARouteThatIsGoneDrains: what is connected goes on, and ends the service
// neither now nor at its end. Another route can have the address then.
func TestARouteThatIsGoneDrains(t *testing.T) {
	const stays = "[[route]]\nlisten = '127.0.0.1:0'\nhandler = 'file.wasm'\n"
	s := serveConfigured(t, stays+"[[route]]\nlisten = '127.0.0.2:0'\nhandler = 'upper'\n")
	var gone string
	for range 2 {
		if r, _ := s.wait(wasmhost.EventServing); r.Handler == "upper" {
			gone = r.Route
		}
	}
	c := dialRoute(t, gone)
	if got, err := exchangeWith(c, "abc"); got != "ABC" {
		t.Fatalf("a client gets %q, %v", got, err)
	}
	s.save(stays)
	s.wait(eventConfigured)
	if got, err := exchangeWith(c, "def"); got != "DEF" {
		t.Errorf("once the route is gone a client gets %q, %v", got, err)
	}
	s.save(stays + "[[route]]\nlisten = '" + gone + "'\nhandler = 'file.wasm'\n")
	if r, _ := s.wait(wasmhost.EventServing); r.Route != gone || r.Handler == "upper" {
		t.Errorf("instead of the route that is gone: %+v", r)
	}
	next := dialRoute(t, gone)
	if got, err := exchangeWith(next, "abc"); got != "ABC" {
		t.Errorf("a client of the new route gets %q, %v", got, err)
	}
	if got, err := exchangeWith(c, "ghi"); got != "GHI" {
		t.Errorf("beside it the old client gets %q, %v", got, err)
	}
	check(t, c.Close())
	check(t, next.Close())
	s.end()
}
