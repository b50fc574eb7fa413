package main

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// build makes a module of a file in the text format.
func build(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	c := exec.Command(coretest.NeedProgram(t, "wat2wasm"), name, "--output=-")
	c.Stdout, c.Stderr = &out, os.Stderr
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// server is one that serves a directory over a network in memory.
type server struct {
	t       *testing.T
	network memnet.Network
	file    string
	reports chan wasmhost.Report
}

const address = "127.0.0.1:6565"

func newServer(t *testing.T, handler []byte) *server {
	t.Helper()
	s := &server{t: t, file: filepath.Join(t.TempDir(), "handler.wasm"), reports: make(chan wasmhost.Report, 100)}
	s.put(handler)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, &s.network, filepath.Dir(s.file), address, func(r wasmhost.Report) { s.reports <- r })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	s.wait(wasmhost.EventServing)
	return s
}

func (s *server) put(handler []byte) {
	s.t.Helper()
	if err := os.WriteFile(s.file+".new", handler, 0o666); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) wait(event string) wasmhost.Report {
	s.t.Helper()
	late := time.After(patience)
	for {
		select {
		case r := <-s.reports:
			if r.Event == event {
				return r
			}
		case <-late:
			s.t.Fatalf("no report %q came", event)
		}
	}
}

// answer is what a client gets who says something, or nothing.
func (s *server) answer(say string) string {
	s.t.Helper()
	c, err := s.network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	p := make([]byte, 100)
	n := 0
	if err = c.SetTimeout(patience); err == nil {
		err = c.Connect(netip.MustParseAddrPort(address))
	}
	if err == nil && say != "" {
		err = c.SendAll([]byte(say), 0)
	}
	if err == nil {
		n, err = c.Recv(p, 0)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return string(p[:n])
}

func TestAPluginCountsVisitsAndIsSwapped(t *testing.T) {
	visit := build(t, "visit.wat")
	upper, _ := plugins.Open("upper")
	s := newServer(t, visit)
	if got := s.answer("") + s.answer(""); got != "12" {
		t.Errorf("the visits are %q", got)
	}
	s.put(upper)
	if r := s.wait(wasmhost.EventSwapped); r.Version != 2 {
		t.Errorf("the swap is %+v", r)
	}
	if got := s.answer("abc"); got != "ABC" {
		t.Errorf("the new handler answers %q", got)
	}
	s.put([]byte("nonsense"))
	s.wait(wasmhost.EventRefused)
	if got := s.answer("still"); got != "STILL" {
		t.Errorf("after a bad file the answer is %q", got)
	}
	s.put(visit)
	s.wait(wasmhost.EventSwapped)
	if got := s.answer(""); got != "3" {
		t.Errorf("the visits are %q", got)
	}
}
