package core

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const repository = "github.com/sandsock/sandsock/"

// policy says what each package may import besides the standard library: a
// folder with all below it, its own always, or another module. Imports run one way:
//
//	core <- native, wasmhost, plugins <- cmd, examples
//
// A row is not changed to make a build pass: it is the design. Tests are held
// to the second list as well.
var policy = []struct {
	folder string
	may    []string
	tests  []string
}{
	{"core", nil, []string{"goleak"}},
	{"native", []string{"core", "golang.org/x/sys"}, []string{"goleak", "github.com/mdlayher/socket"}},
	{"wasmhost", []string{"core", "github.com/tetratelabs/wazero", "golang.org/x/sys"}, []string{"goleak"}},
	{"plugins", []string{"core"}, []string{"goleak"}},
	{"examples", []string{"core", "native", "wasmhost", "plugins"}, []string{"goleak"}},
	{"cmd", []string{"core", "native", "wasmhost", "plugins", "github.com/pelletier/go-toml/v2", "github.com/spf13", "github.com/fsnotify", "golang.org/x/term", "golang.org/x/sys"},
		[]string{"goleak", "github.com/rogpeppe/go-internal", "github.com/tetratelabs/wazero"}}, // a swap is measured beside wazero alone
}

// narrow says more of single packages: what they must do without, of the
// standard library too.
var narrow = map[string][]string{
	"core":            {"fmt", "os", "net", "reflect", "syscall"}, // guests compile it
	"wasmhost/module": {"github.com/tetratelabs/wazero", "os", "net"},
	"wasmhost":        {"os", "net", "syscall", "golang.org/x/sys"},
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImportsFollowThePolicy(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, repository)
		folder, _, _ := strings.Cut(name, "/")
		found := false
		for _, row := range policy {
			if row.folder == folder {
				found = true
				may := append([]string{folder}, row.may...)
				checkImports(t, name, p.Imports, may)
				checkImports(t, name+" (tests)", append(p.TestImports, p.XTestImports...), append(may, row.tests...))
			}
		}
		if !found {
			t.Errorf("%s is in no row of the policy", name)
		}
		for _, without := range narrow[name] {
			for _, i := range p.Imports {
				if i == without {
					t.Errorf("%s imports %s", name, i)
				}
			}
		}
	}
}

func checkImports(t *testing.T, name string, imports, may []string) {
	for _, path := range imports {
		if !allowed(path, may) {
			t.Errorf("%s imports %s", name, path)
		}
	}
}

func allowed(path string, may []string) bool {
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	for _, m := range may {
		switch {
		case m == "goleak":
			m = "go.uber.org/goleak"
		case !strings.Contains(m, "."):
			m = repository + m
		}
		if path == m || strings.HasPrefix(path, m+"/") {
			return true
		}
	}
	return false
}

func listPackages(t *testing.T) (all []listed) {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", repository+"...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestThePolicyCanFail(t *testing.T) {
	for path, want := range map[string]bool{
		"strings":                           true,
		repository + "core":                 true,
		repository + "core/memnet":          true,
		repository + "native":               false,
		"golang.org/x/sys/unix":             true,
		"golang.org/x/system":               false,
		"github.com/tetratelabs/wazero/api": false,
	} {
		if got := allowed(path, []string{"core", "golang.org/x/sys"}); got != want {
			t.Errorf("allowed(%s) = %v", path, got)
		}
	}
}
