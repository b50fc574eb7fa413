package spectest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// script is one file of commands.
type script struct {
	dir, name string
	Commands  []command `json:"commands"`
}

// command has the fields of all kinds of commands.
type command struct {
	Type       string  `json:"type"`
	Line       int     `json:"line"`
	Name       string  `json:"name"`     // of a module, for later commands
	As         string  `json:"as"`       // of register: what others import it by
	Filename   string  `json:"filename"` // of all that load a module
	ModuleType string  `json:"module_type"`
	Action     action  `json:"action"`
	Expected   []value `json:"expected"`
	Text       string  `json:"text"` // why it must fail
}

type action struct {
	Type   string  `json:"type"` // invoke or get
	Module string  `json:"module"`
	Field  string  `json:"field"`
	Args   []value `json:"args"`
}

// value is a parameter, or what a result must be.
type value struct {
	Type     string `json:"type"`
	LaneType string `json:"lane_type"`
	Value    any    `json:"value"` // text, or of v128 a text for each lane
}

// file is a module that a command loads.
func (s *script) file(t *testing.T, c *command) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(s.dir, c.Filename))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// root is the folder of the engine's module that has the tests.
var root = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	return filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest"), err
})

func testdata(t *testing.T, path ...string) string {
	t.Helper()
	dir, err := root()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return filepath.Join(append([]string{dir}, path...)...)
}

// scripts reads all scripts of one version of the specification.
func scripts(t *testing.T, version string) (all []*script) {
	t.Helper()
	dir := testdata(t, version, "testdata")
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts in %s: %v", dir, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s := &script{dir: dir, name: strings.TrimSuffix(filepath.Base(name), ".json")}
		if err := json.Unmarshal(text, s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, s)
	}
	return all
}
