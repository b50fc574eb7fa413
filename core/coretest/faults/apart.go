package faults

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// patience bounds a child, where the test binary itself has no bound.
const patience = 5 * time.Minute

// RanApart runs the test that calls it in a process of its own, and asks a
// healthy neighbour of it all the while. It is the first a test does:
//
//	if faults.RanApart(t, neighbour) {
//		return
//	}
//
// It returns true to the test that go test began, which has passed, failed or
// been skipped as the child was, and false to the test in the child. There
// neighbour has been called before: it serves a plugin that sends back what it
// receives on a port of the loopback network, with the runtime of the package
// under test, until the test's end, and returns host:port. Each of its answers
// must come within 250 ms more than a plain server's; the slowest is added to
// the rows of the child.
//
// A machine that has much else to do may be slow once, or twice; a host that a
// fault holds up is slow each time.
func RanApart(t *testing.T, neighbour func(t *testing.T) (address string)) bool {
	t.Helper()
	if inChild {
		return false
	}
	if parent := os.Getenv(parentAt); parent != "" {
		inChild = true
		begin(t, parent, neighbour)
		return false
	}
	const tries = 3
	for try := 1; ; try++ {
		c := apart(t, t.Name(), os.Environ())
		if c.watched != nil && c.ended == nil && try < tries {
			t.Logf("once more: %v", c.watched)
			continue
		}
		c.tell(t)
		return true
	}
}

// child is what became of one.
type child struct {
	output  string
	skipped bool
	rows    []string      // lines of the table
	slowest time.Duration // of the neighbour's answers
	ended   error         // of the process, where the test did not pass
	watched error         // of the neighbour
}

// tell makes the child's result that of the test here.
func (c *child) tell(t *testing.T) {
	t.Helper()
	t.Logf("in a child, neighbour %v:\n%s", Short(c.slowest), c.output)
	switch {
	case c.ended != nil:
		t.Fatal(errors.Join(c.ended, c.watched))
	case c.skipped:
		t.SkipNow()
	case c.watched != nil:
		t.Fatal(c.watched)
	}
	for _, line := range c.rows {
		f := strings.Split(line, "\t")
		add(t, f[0], f[1], fmt.Sprintf("%s, neighbour %v", f[2], Short(c.slowest)), f[3])
	}
}

// apart runs the test of that name in a child, to its end.
func apart(t *testing.T, name string, env []string) *child {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bound := patience
	if deadline, has := t.Deadline(); has {
		bound = min(bound, time.Until(deadline)*9/10)
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound+5*silence)
	defer cancel()
	rows := filepath.Join(t.TempDir(), "rows")
	cmd := exec.CommandContext(ctx, executable, "-test.run="+exactly(name), "-test.v", "-test.count=1",
		fmt.Sprint("-test.timeout=", bound), fmt.Sprint("-test.short=", testing.Short()))
	cmd.Env = append(env, parentAt+"="+listener.Addr().String(), File+"="+rows)
	cmd.WaitDelay = silence
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	c := &child{}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watched = c.watch(listener)
	}()
	c.ended = cmd.Run()
	_ = listener.Close() // where the child never came
	<-watched
	c.output = strings.TrimSpace(output.String())
	c.skipped = strings.Contains(c.output, "--- SKIP: "+name+" ")
	if text, err := os.ReadFile(rows); err == nil {
		c.rows = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return c
}

// exactly is the pattern of one test or subtest, and all below it.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// watch asks the neighbour of the child that connects, again and again, until
// the child has done its test.
func (c *child) watch(listener net.Listener) error {
	conn, err := listener.Accept()
	if err != nil {
		return errors.New("the child has no neighbour")
	}
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	if !lines.Scan() {
		return errors.New("the child's neighbour does not serve")
	}
	address := lines.Text()
	neighbour := &Neighbour{Visit: func() error { return Visit(address, '7', '7') }, Within: answers}
	defer func() { c.slowest = neighbour.Slowest }()
	over := make(chan struct{})
	err = neighbour.Ask()
	_, _ = fmt.Fprintln(conn, "begin")
	go func() {
		lines.Scan() // or its end
		close(over)
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for err == nil {
		select {
		case <-tick.C:
			err = neighbour.Ask()
			continue
		case <-over:
		}
		break
	}
	<-over
	if err == nil {
		err = neighbour.Ask() // whatever the test has left behind
	}
	_, _ = fmt.Fprintln(conn, "end")
	return err
}
