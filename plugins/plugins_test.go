package plugins

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestNamesAreSortedAndEachOpens(t *testing.T) {
	want := []string{"echo", "notes-client", "notes-server", "upper", "upper-go"}
	if got := Names(); !slices.Equal(got, want) {
		t.Fatalf("names are %v, want %v", got, want)
	}
	for _, name := range append(Names(), Default) {
		module, ok := Open(name)
		if !ok || !bytes.HasPrefix(module, []byte("\x00asm\x01\x00\x00\x00")) {
			t.Errorf("%s: is not a module", name)
		}
	}
	for _, name := range []string{"", "nothing", "upper.wasm", "../bin/upper", "misbehave", "misbehave/", "misbehave/nothing", "loop"} {
		if _, ok := Open(name); ok {
			t.Errorf("%q opens", name)
		}
	}
}

func TestABundledModuleIsTheCallersOwn(t *testing.T) {
	first, _ := Open(Default)
	first[0] = 'x'
	if second, _ := Open(Default); second[0] == 'x' {
		t.Error("a change to the bytes was kept")
	}
}

func TestTheChecksumsAreThoseOfTheEmbeddedFiles(t *testing.T) {
	recorded, err := os.ReadFile("bin/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	first, lines, _ := strings.Cut(string(recorded), "\n")
	if !strings.HasPrefix(first, "# built by go run ./plugins/build with go1.") {
		t.Errorf("the first line does not name the tools: %q", first)
	}
	var want []string
	for _, name := range append(Names(), Misbehaving()...) {
		if name == nestedName {
			continue // is no file
		}
		module, _ := Open(name)
		want = append(want, fmt.Sprintf("%x  %s.wasm\n", sha256.Sum256(module), name))
	}
	got := slices.Collect(strings.Lines(lines))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("SHA256SUMS says\n%swant\n%s", strings.Join(got, ""), strings.Join(want, ""))
	}
}

func TestAHandlerExportsHandleAndAProgramDoesNot(t *testing.T) {
	for _, name := range Names() {
		module, _ := Open(name)
		isProgram := strings.HasPrefix(name, "notes-")
		for export, want := range map[string]bool{"\x06memory\x02": true, "\x06handle\x00": !isProgram, "\x06_start\x00": isProgram} {
			if bytes.Contains(module, []byte(export)) != want {
				t.Errorf("%s: export %q, want %v", name, export, want)
			}
		}
	}
}

func TestAPluginThatMisbehavesIsSmallAndSaysWhatItTries(t *testing.T) {
	names := Misbehaving()
	if len(names) < 15 || !slices.IsSorted(names) {
		t.Errorf("the gallery is %v", names)
	}
	for _, name := range names {
		module, ok := Open(name)
		if !ok || !bytes.HasPrefix(module, []byte("\x00asm\x01\x00\x00\x00")) {
			t.Errorf("%s: is not a module", name)
		}
		if len(module) > 1000 && name != nestedName {
			t.Errorf("%s: has %d bytes", name, len(module))
		}
		if Tries(name) == "" {
			t.Errorf("%s: does not say what it tries", name)
		}
	}
	if tries := Tries("misbehave/nothing"); tries != "" {
		t.Errorf("nothing tries %q", tries)
	}
}
