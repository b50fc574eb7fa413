package tour

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

const repository = "../../.." // from this folder

func TestTheTourHasEveryPluginThatMisbehaves(t *testing.T) {
	var played []string
	for _, a := range Attacks {
		played = append(played, a.Plugin())
		if _, ok := plugins.Open(a.Plugin()); !ok {
			t.Errorf("%s: there is no plugin %s", a.Name, a.Plugin())
		}
		if a.Tries() == "" {
			t.Errorf("%s: does not say what it tries", a.Name)
		}
		if (a.Defence == "") != (a.harm == "") {
			t.Errorf("%s: has the defence %q and the harm %q", a.Name, a.Defence, a.harm)
		}
		if a.Defence != "" && wasmhost.FindDefence(a.Defence) == 0 {
			t.Errorf("%s: there is no defence %s", a.Name, a.Defence)
		}
	}
	for _, name := range plugins.Misbehaving() {
		if !slices.Contains(played, name) {
			t.Errorf("%s is not on the tour", name)
		}
	}
}

func TestEveryPlaceThatTheTourPointsAtIsThere(t *testing.T) {
	for _, a := range Attacks {
		if len(a.By) == 0 {
			t.Errorf("%s: points at nothing", a.Name)
		}
		for _, p := range a.By {
			if !hasFunction(t, p) {
				t.Errorf("%s: %s is not there", a.Name, p)
			}
		}
	}
	if hasFunction(t, Place{"wasmhost/fuel.go", "nothing"}) {
		t.Error("what is not there is found")
	}
}

func hasFunction(t *testing.T, p Place) bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(repository, p.File), nil, 0)
	if err != nil {
		t.Error(err)
		return false
	}
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Name.Name == p.Func
	})
}

func TestAClientSaysWhereTheTargetIs(t *testing.T) {
	for message, want := range map[string]string{"": "", "{address}": "127.0.0.1:5432", "{port}": ":5432"} {
		if got := (Attack{message: message}).says("127.0.0.1:5432"); got != want {
			t.Errorf("%q says %q, want %q", message, got, want)
		}
	}
}
