package wasmhost

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// The check of addresses is complete where each call of the contract that
// takes an address comes to it, and nothing else of this package hands an
// address to a network. Both are read off the source.

// gates are the calls that allow or refuse.
var gates = []string{"g.allow", "g.address", "g.allowOption", "g.lookUp"}

// handsOver are the methods by which an address, a name or an option reaches
// the network, and who may use them: what is behind a gate, or undoes.
var handsOver = map[string][]string{
	"Bind":           {"bind"},
	"Listen":         {"listen"},
	"Connect":        {"connect"},
	"ConnectEx":      {"connectEx"},
	"SendTo":         {"sendTo"},
	"SetSockOpt":     {"setSockOpt", "release"},
	"GetAddrInfo":    {"ask", "lookUp"},
	"Network.Socket": {"makeSocket"},
}

// source is a package's functions by name: what each calls, and the methods it
// names, called or not.
type source struct{ calls, methods map[string][]string }

func newSource() source { return source{map[string][]string{}, map[string][]string{}} }

func (s source) add(t *testing.T, name string, text any) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		function := f.Name.Name
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				s.methods[function] = append(s.methods[function], n.Sel.Name, lastName(n.X)+"."+n.Sel.Name)
			case *ast.CallExpr:
				s.calls[function] = append(s.calls[function], called(n.Fun)...)
			}
			return true
		})
	}
}

// called returns the names by which a call may be known.
func called(f ast.Expr) []string {
	if selector, ok := f.(*ast.SelectorExpr); ok {
		return []string{selector.Sel.Name, lastName(selector.X) + "." + selector.Sel.Name}
	}
	return []string{lastName(f)}
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// reaches reports whether a function comes to a gate, itself or by what it
// calls.
func (s source) reaches(from string, seen map[string]bool) bool {
	seen[from] = true
	for _, to := range s.calls[from] {
		if slices.Contains(gates, to) || !seen[to] && s.reaches(to, seen) {
			return true
		}
	}
	return false
}

// unchecked returns what is wrong with a package, whose calls with an address
// are the implementations of that name.
func (s source) unchecked(implementations map[string]string) (wrong []string) {
	for call, implementation := range implementations {
		if !s.reaches(implementation, map[string]bool{}) {
			wrong = append(wrong, call+" takes an address and does not check it")
		}
	}
	for function, methods := range s.methods {
		for _, method := range methods {
			if may, listed := handsOver[method]; listed && !slices.Contains(may, function) {
				wrong = append(wrong, function+" uses "+method)
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

func packageSource(t *testing.T) source {
	t.Helper()
	s := newSource()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			s.add(t, name, nil)
		}
	}
	return s
}

func functionName(f any) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return name[strings.LastIndexByte(name, '.')+1:]
}

func TestEveryAddressIsChecked(t *testing.T) {
	if apart(t) {
		return
	}
	implementations := map[string]string{}
	for _, c := range core.Calls {
		if c.Address {
			implementations[c.Name] = functionName(socketCalls[c.Name])
		}
	}
	if len(implementations) < 7 {
		t.Fatalf("the contract has %d calls with an address", len(implementations))
	}
	for _, wrong := range packageSource(t).unchecked(implementations) {
		t.Error(wrong)
	}
	faults.Row(t, "T39", "every call of the contract with an address comes to the check", faults.Always("the test reads the source"))
}

// TestACallThatChecksNothingIsFound plants what the test before must find.
func TestACallThatChecksNothingIsFound(t *testing.T) {
	if apart(t) {
		return
	}
	const planted = `package p
func good(g *instance) error { return inner(g) }
func inner(g *instance) error { return g.allow("good") }
func bad(g *instance) error { return other(g) }
func other(g *instance) error { return bad(g) }
func sneaks(d *descriptor) error { address := g.text; do := d.socket.Connect; return do(address) }
func makes(g *instance) core.Socket { return g.host.config.Network.Socket(2, 3, 255) }
`
	s := newSource()
	s.add(t, "planted.go", planted)
	got := s.unchecked(map[string]string{"one": "good", "two": "bad", "three": "absent"})
	want := []string{"makes uses Network.Socket", "sneaks uses Connect", "three takes an address and does not check it", "two takes an address and does not check it"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	faults.Row(t, "T39", "a planted call without the check is found", faults.Always("the test reads the source"))
}

// TestEveryCallWithAnAddressIsRefusedOnce counts: each call of the contract
// that takes an address is denied to a guest without grants, with one line,
// and nothing reaches the network.
func TestEveryCallWithAnAddressIsRefusedOnce(t *testing.T) {
	n := newReaching()
	f := newFixture(t, func(c *Config) { c.Network = n })
	for _, c := range core.Calls {
		if !c.Address || c.Name == "setsockopt" { // of which see TestAnOptionThatReachesFurther...
			continue
		}
		d := f.newDriver(nil)
		f.reports.all = nil
		a := attempt{c.Name, core.AF_INET, core.SOCK_DGRAM, "localhost:80"}
		if c.Name == "getaddrinfo" {
			a.text = "localhost"
		}
		if e := a.on(d); e != core.EACCES || f.reports.count(EventDenied) != 1 || len(n.calls) != 0 {
			t.Errorf("%v: %v, %d lines, and the network saw %v", a, e, f.reports.count(EventDenied), n.calls)
		}
	}
	for _, c := range wasiCalls {
		if strings.Contains(c.name, "connect") || strings.Contains(c.name, "bind") || strings.Contains(c.name, "resolve") {
			t.Errorf("%s is a new way for an address", c.name)
		}
	}
}
