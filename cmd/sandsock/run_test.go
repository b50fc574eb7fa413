package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// These tests call the command in this process, where TestMain would see a
// goroutine that it left.

func TestServeAndTalkInOneProcess(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	events, toEvents := io.Pipe()
	signals := make(chan os.Signal, 1)
	code := make(chan int, 1)
	go func() {
		var talk bytes.Buffer
		code <- run([]string{"serve", "--listen", "localhost:0", "--json"}, strings.NewReader(""), toEvents, &talk, signals)
		_ = toEvents.Close()
	}()
	lines := bufio.NewScanner(events)
	serving := nextReport(t, lines)
	if serving.Event != wasmhost.EventServing || serving.Handler != "upper" {
		t.Fatalf("%+v", serving)
	}
	var out, talk bytes.Buffer
	talked := make(chan int, 1)
	go func() {
		talked <- run([]string{"talk", serving.Route}, strings.NewReader("abc\n"), &out, &talk, nil)
	}()
	for nextReport(t, lines).Event != wasmhost.EventClosed {
	}
	if got := soon(t, talked); got != 0 {
		t.Errorf("talk exits with %d: %s", got, talk.String())
	}
	if want := "> 4 B  b'abc\\n'\n< 4 B  b'ABC\\n'\n< end of stream\n"; out.String() != want {
		t.Errorf("talk printed %q", out.String())
	}
	signals <- os.Interrupt
	_, _ = io.Copy(io.Discard, events)
	if got := soon(t, code); got != 0 {
		t.Errorf("serve exits with %d", got)
	}
}

func nextReport(t *testing.T, lines *bufio.Scanner) (r wasmhost.Report) {
	t.Helper()
	if !lines.Scan() {
		t.Fatalf("no more events: %v", lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// inMemory is the command over a network in memory, and what it says.
func inMemory(t *testing.T, network *memnet.Network) (a *app, out, talk *bytes.Buffer) {
	out, talk = new(bytes.Buffer), new(bytes.Buffer)
	interrupts := watch(nil)
	t.Cleanup(interrupts.release)
	return &app{voice: newVoice(strings.NewReader(""), out, talk), interrupts: interrupts, network: network}, out, talk
}

func TestEchoSaysWhatWentWrong(t *testing.T) {
	for _, test := range []struct {
		call string
		err  core.Errno
		want string
	}{
		{"connect", core.ECONNREFUSED, "✘ the client failed: ConnectionRefusedError: [Errno 111] Connection refused\n"},
		{"listen", core.EACCES, "✘ the server cannot listen: PermissionError: [Errno 13] Permission denied\n"},
	} {
		network := &memnet.Network{Faults: func(call string, _ int) memnet.Fault {
			if call == test.call {
				return memnet.Fault{Err: test.err}
			}
			return memnet.Fault{}
		}}
		a, out, talk := inMemory(t, network)
		if code := a.end(a.echo()); code != exitFailed {
			t.Errorf("%s: exit code %d", test.call, code)
		}
		if talk.String() != test.want || out.String() != "" {
			t.Errorf("%s: says %q, prints %q", test.call, talk.String(), out.String())
		}
	}
}

func TestEchoSaysThatTheHandlerFailed(t *testing.T) {
	network := &memnet.Network{Faults: func(call string, fileno int) memnet.Fault {
		if call == "recv" && fileno == 5 { // after the listener and the client
			return memnet.Fault{Err: core.ENOTCONN}
		}
		return memnet.Fault{}
	}}
	a, _, talk := inMemory(t, network)
	code := a.end(a.echo())
	if want := "✘ the handler failed: handle returned -53"; code != exitFailed || !strings.HasPrefix(talk.String(), want) {
		t.Errorf("exit code %d, says %q", code, talk.String())
	}
}

func TestEchoIsInterrupted(t *testing.T) {
	network := &memnet.Network{}
	a, _, talk := inMemory(t, network)
	signals := make(chan os.Signal, 1)
	a.interrupts = watch(signals)
	defer a.release()
	network.Faults = func(call string, _ int) memnet.Fault {
		if call == "connect" {
			signals <- os.Interrupt
			<-a.drain.Done()
		}
		return memnet.Fault{}
	}
	if code := a.end(a.echo()); code != exitInterrupted || talk.String() != "✘ interrupted\n" {
		t.Errorf("exit code %d, says %q", code, talk.String())
	}
}
