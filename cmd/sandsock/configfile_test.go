package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
)

func writeConfig(t *testing.T, content string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "f.toml")
	check(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestTheExampleOfAConfigurationFile(t *testing.T) {
	c, err := readConfig(filepath.Join("..", "..", "examples", "config", "sandsock.toml"))
	check(t, err)
	if c.host.limits.budget != 1<<30 || c.host.limits.instances != 10_000 || len(c.plan) != 3 {
		t.Fatalf("it says %+v", c)
	}
	echo, upper, udp := c.plan[0], c.plan[1], c.plan[2]
	if echo.text != "localhost:7000" || echo.handler != "echo" || echo.backlog != defaultBacklog ||
		!reflect.DeepEqual(echo.terms, wasmhost.Terms{Env: []string{"GREETING=hello"}, Limits: wasmhost.Limits{Memory: 32 << 20, Idle: time.Minute}}) {
		t.Errorf("the first route is %+v", echo)
	}
	want := wasmhost.Limits{Memory: 32 << 20, Idle: time.Minute, Connections: 100, PerAddress: 10, FirstByte: 5 * time.Second}
	if upper.handler != "upper" || len(upper.terms.Env) != 0 || len(upper.terms.Grants) != 3 || upper.terms.Limits != want {
		t.Errorf("the second is %+v", upper)
	}
	if udp.typ != core.SOCK_DGRAM || udp.terms.Limits.Total != 2*time.Second {
		t.Errorf("the third is %+v", udp)
	}
}

func TestARouteOfAFileHasTheDefaultsOfOneOfTheCommandLine(t *testing.T) {
	c, err := readConfig(writeConfig(t, "[[route]]\nlisten = ':0'\nhandler = 'echo'\n[[route]]\nlisten = ':0'\nhandler = 'x.wasm'"))
	check(t, err)
	for i, memory := range []int64{16 << 20, 64 << 20} {
		if p := c.plan[i]; p.backlog != defaultBacklog || !reflect.DeepEqual(p.terms, wasmhost.Terms{Limits: wasmhost.Limits{Memory: memory}}) {
			t.Errorf("route %d is %+v", i, p)
		}
	}
}

func TestPathsOfHandlersAreRelativeToTheFile(t *testing.T) {
	folder := t.TempDir()
	check(t, os.WriteFile(filepath.Join(folder, "bare"), nil, 0o600))
	check(t, os.WriteFile(filepath.Join(folder, "echo"), nil, 0o600))
	absolute := filepath.Join(folder, "x.wasm")
	for handler, want := range map[string]string{
		"x.wasm":     filepath.Join(folder, "x.wasm"),
		"../x.wasm":  filepath.Join(filepath.Dir(folder), "x.wasm"),
		"bare":       filepath.Join(folder, "bare"),
		"./echo":     filepath.Join(folder, "echo"),
		"echo":       "echo",
		absolute:     absolute,
		"sub/x.wasm": filepath.Join(folder, "sub", "x.wasm"),
	} {
		if got, err := besideFile(filepath.Join(folder, "f.toml"), handler); got != want || err != nil {
			t.Errorf("%s is %q, %v", handler, got, err)
		}
	}
	if got, err := besideFile("f.toml", "./echo"); err != nil || isBundled(got) {
		t.Errorf("./echo beside the working folder's file is %q, %v", got, err)
	}
}

// TestEveryFlagOfARouteHasAPlaceInTheFile: what is not of a route, or of the
// host, is of the command only.
func TestEveryFlagOfARouteHasAPlaceInTheFile(t *testing.T) {
	only := "file json no-watch cache no-cache control no-control metrics takeover supervise"
	command, _, err := newRoot(&app{voice: newVoice(nil, nil, nil)}).Find([]string{"serve"})
	check(t, err)
	command.Flags().VisitAll(func(f *pflag.Flag) {
		if inFile(f.Name) == strings.Contains(" "+only+" ", " "+f.Name+" ") {
			t.Errorf("--%s: inFile is %v", f.Name, inFile(f.Name))
		}
	})
}

func TestABadConfigurationFileIsRefusedWithThePlace(t *testing.T) {
	route := "[[route]]\nlisten = ':7000'\nhandler = 'echo'\n"
	for _, tt := range []struct{ name, content, want string }{
		{"empty", "", `:1:1: there is no route: one begins with [[route]], and has listen = "localhost:6565" and handler = "upper"`},
		{"no address", "[[route]]\nhandler = 'echo'", `:1:3: a route without listen, such as listen = "localhost:6565"`},
		{"no handler", "[[route]]\nlisten = ':0'", `:1:3: a route without handler, such as handler = "upper"`},
		{"an empty handler", "[[route]]\nlisten = ':0'\nhandler = ''", `:3:11: handler "": it is a bundled handler, or the path of a file`},
		{"a number as an address", "[[route]]\nlisten = 7000", `:2:10: listen "7000": an address is a host and a port from 0 to 65535, such as localhost:6565 or [::1]:6565`},
		{"a protocol", "[[route]]\nlisten = 'http://:80'", `:2:10: listen "http://:80": a protocol is tcp or udp`},
		{"an address that is there twice", route + route, `:5:10: listen ":7000": the route of line 1 has it`},
		{"a size", route + "max-sent = '64XB'", `:4:12: max-sent "64XB": it is a size such as 64MiB, or none`},
		{"a size without an end", route + "memory = 'none'", `:4:10: memory "none": it is a size such as 1MiB, 4096 MiB at most`},
		{"a count", route + "connections = 0", `:4:15: connections "0": it is a whole number from 1, or none`},
		{"a time", route + "idle = 30", `:4:8: idle "30": it is a time such as 500ms, 30s or 5m, or none`},
		{"a backlog", route + "backlog = -1", `:4:11: backlog "-1": it is a whole number from 0`},
		{"a grant", route + "allow-connect = ['localhost:1', 'localhost:http']", `:4:33: allow-connect "localhost:http": a port is a number from 0 to 65535, or a range such as 8000-8010`},
		{"a variable", route + "env = ['NAME']", `:4:8: env "NAME": a variable is NAME=VALUE`},
		{"a list of addresses", "[[route]]\nlisten = [':1', ':2']", `:2:1: listen: it has one value, and no list`},
		{"an unknown key", route + "[defaults]\nidel = '1s'", `:5:1: there is no key idel in [defaults]; did you mean idle?`},
		{"an address for all", "[defaults]\nlisten = ':0'", `:2:1: there is no key listen in [defaults]`},
		{"a budget of a route", route + "budget = '1GiB'", `:4:1: there is no key budget in [[route]]`},
		{"a limit of a route for the host", "[host]\nmemory = '1GiB'", `:2:1: there is no key memory in [host]`},
		{"a bad default that no route has", "[defaults]\nidle = 'x'\n" + route + "idle = '1s'", `:2:8: idle "x": it is a time such as 500ms, 30s or 5m, or none`},
		{"a bundled handler that is not", "[[route]]\nlisten = ':0'\nhandler = 'ehco'", `:3:11: there is no bundled plugin ehco; did you mean echo?`},
		{"a key with a sequence for terminals", "[host]\n\"\\u001b[31m\" = 1\n\"\\u001b[31m\" = 1", ":3:1: key ?[31m is already defined"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := writeConfig(t, tt.content)
			if _, err := readConfig(name); err == nil || err.Error() != name+tt.want {
				t.Errorf("it is refused with\n%v, want\n%s", err, name+tt.want)
			}
		})
	}
}

// TestWhereAFailureIsLeavesItAsItWas: an interrupt is one failure for all.
func TestWhereAFailureIsLeavesItAsItWas(t *testing.T) {
	was := *errInterrupted
	p := planned{places: &places{}}
	if err := p.atHandler(errInterrupted); err.Error() == was.text || *errInterrupted != was {
		t.Errorf("at a place it is %v, and then everywhere %v", err, errInterrupted)
	}
}
