package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// TestARouteThatIsGoneIsToldOfUntilItIsDrained, twice, and beside another that
// has its name by then.
func TestARouteThatIsGoneIsToldOfUntilItIsDrained(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	path, file, port := controlSocket(t), filepath.Join(t.TempDir(), "f.toml"), freePort(t)
	const stays = "[[route]]\nlisten = 'localhost:0'\nhandler = 'upper'\n"
	comes := fmt.Sprintf("[[route]]\nlisten = '127.0.0.1:%d'\nhandler = 'upper'\n", port)
	metrics := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	check(t, os.WriteFile(file, []byte(stays+comes), 0o600))
	cmd, stdout, _ := heir(t, nil, nil, "-f", file, "--no-watch", "--control", path, "--metrics", metrics)
	in := json.NewDecoder(stdout)
	nextReports(t, in, wasmhost.EventServing, 2)
	reload := func(content string) {
		check(t, os.WriteFile(file, []byte(content), 0o600))
		check(t, cmd.Process.Signal(syscall.SIGHUP))
		nextReports(t, in, eventConfigured, 1)
	}
	name := fmt.Sprintf("tcp://127.0.0.1:%d", port)
	var open []net.Conn
	for gone := 1; gone <= 2; gone++ {
		c := dialRoute(t, name)
		defer c.Close()
		if got, err := exchangeWith(c, "abc"); got != "ABC" {
			t.Errorf("it answers %q, %v", got, err)
		}
		open = append(open, c)
		reload(stays)
		reload(stays + comes)
		s := statusAt(t, path)
		if len(s.Routes) != 2+gone || s.Open() != gone {
			t.Fatalf("the status has routes %+v", s.Routes)
		}
		if r := s.Routes[1+gone]; r.Name != name || r.Gone != gone || !r.Draining || r.Open != 1 || r.Received != 3 {
			t.Errorf("of the one that is gone the status has %+v", r)
		}
		if r := s.Routes[1]; r.Name != name || r.Gone != 0 || r.Draining || r.Open != 0 {
			t.Errorf("of the one that came the status has %+v", r)
		}
	}
	page := pageAt(t, metrics)
	_, err := parseMetrics(page)
	check(t, err)
	seen := map[string]bool{}
	for line := range strings.SplitSeq(page, "\n") {
		series, _, _ := strings.Cut(line, "} ")
		if strings.HasPrefix(line, "sandsock_") && seen[series] {
			t.Errorf("%s is there twice", series)
		}
		seen[series] = true
	}
	for _, want := range []string{"", `,gone="1"`, `,gone="2"`} {
		if !seen[`sandsock_connections_open{route="`+name+`"`+want] {
			t.Errorf("the page lacks the route's %q", want)
		}
	}
	check(t, open[0].Close())
	for until := time.Now().Add(patience); ; {
		s := statusAt(t, path)
		if len(s.Routes) == 3 && s.Routes[2].Gone == 2 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("when the first has drained the status has %+v", s.Routes)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func pageAt(t *testing.T, address string) string {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	response, err := (&http.Client{Timeout: patience}).Get("http://" + address + "/metrics")
	check(t, err)
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	check(t, err)
	return string(page)
}
