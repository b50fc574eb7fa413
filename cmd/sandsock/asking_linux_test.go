package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// TestASwapThatTheEndOvertakesSaysSo: not that the plugin is bad, whose
// compilation is given up; nor does it keep the server from its end. Another
// that comes while it drains is not begun.
func TestASwapThatTheEndOvertakesSaysSo(t *testing.T) {
	path := controlSocket(t)
	h, _ := startServe(t, marked("v001"), "--control", path, "--no-cache")
	slow, _ := plugins.Open("upper-go")
	file := filepath.Join(t.TempDir(), "slow.wasm")
	check(t, os.WriteFile(file, slow, 0o666))
	stays := h.dial(0)
	_, err := ask(stays)
	check(t, err)
	swap := func() string {
		var talk strings.Builder
		code := run([]string{"swap", h.addresses[1], file, "--control", path}, strings.NewReader(""), &strings.Builder{}, &talk, nil)
		if code != exitFailed {
			t.Errorf("it ends with %d", code)
		}
		return talk.String()
	}
	const want = "✘ nothing has changed: the server is about to end\n"
	var asks sync.WaitGroup
	asks.Go(func() {
		if got := swap(); got != want {
			t.Errorf("who asked before is told %q", got)
		}
	})
	h.waitForCompiler()
	check(t, h.cmd.Process.Signal(syscall.SIGTERM))
	h.waitFor(wasmhost.EventDraining, 2)
	asks.Wait()
	if got := swap(); got != want {
		t.Errorf("who asks then is told %q", got)
	}
	if mark, err := ask(stays); mark != "v001" || err != nil {
		t.Errorf("who is connected gets %q, %v", mark, err)
	}
	check(t, stays.Close())
	h.succeeds()
	if n := h.count(wasmhost.EventRefused); n > 0 {
		t.Errorf("%d handlers were refused", n)
	}
	_, err = control.AskOnce(t.Context(), path, control.Request{Do: control.DoStatus})
	if err == nil {
		t.Error("it still answers")
	}
}
