package wasmhost

import (
	"context"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// appAdd is the embedder's app.add: the sum of two numbers.
func appAdd() Function {
	return Function{
		Module: "app", Name: "add", Params: []module.ValueType{module.I32, module.I32}, Results: []module.ValueType{module.I32},
		Call: func(_ Caller, v []uint64) { v[0] = uint64(uint32(v[0]) + uint32(v[1])) },
	}
}

var addImport = function{module: "app", name: "add", params: []byte{i32, i32}, results: []byte{i32}}

func TestAPluginCallsTheEmbeddersFunction(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Functions = []Function{appAdd()} })
	_, address := f.serveFile("adds", handlerOf(code(i32Const(40), i32Const(2), callFunc(0)), addImport), RouteConfig{})
	closedAtOnce(f.dial(address))
	if r := f.reports.wait(t, EventFailed); r.Error != "handle returned 42" {
		t.Errorf("the report is %+v", r)
	}
}

func TestTheEmbeddersFunctionSeesTheGuestsMemoryAndNoMore(t *testing.T) {
	said := make(chan string, 10)
	say := Function{
		Module: "app", Name: "say", Params: []module.ValueType{module.I32, module.I32}, Results: []module.ValueType{module.I32},
		Call: func(c Caller, v []uint64) {
			p, err := c.Bytes(uint32(v[0]), uint32(v[1]))
			said <- string(p)
			v[0] = failure(core.AsErrno(err))
		},
	}
	f := newFixture(t, func(c *Config) { c.Functions = []Function{say} })
	imported := function{module: "app", name: "say", params: []byte{i32, i32}, results: []byte{i32}}
	for _, tt := range []struct {
		ptr, length int32
		said        string
	}{{textAt, 5, "hello"}, {guestEnd - 2, 5, ""}, {-1, 5, ""}, {textAt, -1, ""}} {
		file := withData(handlerOf(code(i32Const(tt.ptr), i32Const(tt.length), callFunc(0)), imported), "hello")
		_, address := f.serveFile("says", file, RouteConfig{})
		closedAtOnce(f.dial(address))
		if got := soon(t, said); got != tt.said {
			t.Errorf("%d bytes at %d are %q", tt.length, tt.ptr, got)
		}
	}
	f.reports.waitCount(t, EventFailed, 3)
}

func TestTheEmbeddersFunctionIsNotForInitializing(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Functions = []Function{appAdd()} })
	listener, _ := f.listener()
	early := f.load("early", initializing(code(i32Const(1), i32Const(2), callFunc(0), drop), addImport))
	_, err := f.NewRoute(RouteConfig{Socket: listener, Plugin: early})
	if err == nil || err.Error() != "early: cannot be initialized: app.add is called before there is a connection" {
		t.Errorf("NewRoute: %v", err)
	}
}

// A drain that cuts waits until the function has seen it.
func TestAStopIsSeenByTheEmbeddersFunction(t *testing.T) {
	waits := appAdd()
	begun := make(chan struct{})
	waits.Call = func(c Caller, _ []uint64) {
		close(begun)
		<-c.Done()
	}
	f := newFixture(t, func(c *Config) { c.Functions = []Function{waits} })
	route, address := f.serveFile("waits", handlerOf(code(i32Const(1), i32Const(2), callFunc(0)), addImport), RouteConfig{})
	f.dial(address)
	soon(t, begun)
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := route.Drain(now); err != context.Canceled || f.reports.count(EventStopped) != 1 {
		t.Errorf("Drain: %v; there are %+v", err, f.reports.list())
	}
}

func TestImportsOfTheEmbeddersFunctionsAreChecked(t *testing.T) {
	with := newFixture(t, func(c *Config) { c.Functions = []Function{appAdd()} })
	without := newFixture(t, nil)
	other, mistyped := addImport, addImport
	other.name, mistyped.params = "ad", []byte{i32}
	for _, tt := range []struct {
		f        *fixture
		imported function
		want     string
	}{
		{with, other, `x: wants "app.ad", which this host does not have; did you mean app.add?`},
		{with, mistyped, "x: imports app.add as (i32) -> i32; it is (i32, i32) -> i32"},
		{without, addImport, `x: wants "app.add", and this host has no module of that name: it has socket and wasi_snapshot_preview1`},
	} {
		_, err := tt.f.Load(t.Context(), "x", handlerOf(i32Const(0), tt.imported))
		if err == nil || err.Error() != tt.want {
			t.Errorf("Load: %v, want %s", err, tt.want)
		}
	}
}

func TestTheEmbeddersFunctionsAreNoneOfTheHosts(t *testing.T) {
	for want, change := range map[string]func(*Function){
		"the host's own":       func(f *Function) { f.Module = "socket" },
		"that module":          func(f *Function) { f.Module = "wasi_snapshot_preview1" },
		"own":                  func(f *Function) { f.Module = "" },
		"has no Call":          func(f *Function) { f.Call = nil },
		"v128 cannot be":       func(f *Function) { f.Name, f.Params = "wide", []module.ValueType{module.V128} },
		"is there twice":       func(f *Function) {},
		`"sandsock.add": that`: func(f *Function) { f.Module = "sandsock" },
	} {
		f := appAdd()
		change(&f)
		_, err := New(Config{Network: newFixture(t, nil).network, Functions: []Function{appAdd(), f}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %s", err, want)
		}
	}
}
