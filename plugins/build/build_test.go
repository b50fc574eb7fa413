package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins"
)

const root = "../.." // from this folder

func TestTheGeneratedFilesAreThoseOfTheCallTable(t *testing.T) {
	files, err := stubFiles()
	if err != nil {
		t.Fatal(err)
	}
	if err := compareAll(filepath.Join(root, stubFolder), files); err != nil {
		t.Error(err)
	}
	for _, call := range core.Calls {
		if !strings.Contains(string(files["calls_wasip1.go"]), "\n//go:wasmimport socket "+call.Name+"\n") {
			t.Errorf("%s is not declared", call.Name)
		}
	}
}

func TestEveryBundledPluginHasItsSourceAndItsFile(t *testing.T) {
	var names []string
	for _, p := range bundled {
		names = append(names, p.name)
		if _, err := os.Stat(filepath.Join(root, p.source)); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(names)
	have := append(plugins.Names(), plugins.Misbehaving()...)
	have = slices.DeleteFunc(have, func(name string) bool { return name == "misbehave/nested" }) // made in Go
	slices.Sort(have)
	if !slices.Equal(have, names) {
		t.Errorf("bin holds %v, the table %v", have, names)
	}
}

func TestNobodysSettingsReachTheCompiler(t *testing.T) {
	environment := goEnvironment([]string{
		"PATH=/bin", "GOFLAGS=-race", "GOWASM=satconv", "GOEXPERIMENT=x", "CGO_ENABLED=1", "GOOS=linux",
		"GOTOOLCHAIN=go1.99", "GODEBUG=a=b", "GOCACHE=/cache", "GOWORK=/work",
	})
	want := []string{
		"PATH=/bin", "GOCACHE=/cache",
		"GOENV=off", "GOWORK=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOEXPERIMENT=", "GOWASM=", "CGO_ENABLED=0",
	}
	if !slices.Equal(environment, want) {
		t.Errorf("got %v", environment)
	}
}

func TestTheChecksumsNameTheirTools(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, binFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	with := tools{"go1.99.1", "1.0.99"}
	text := sums(with, map[string][]byte{"b.wasm": nil, "a.wasm": []byte("a")})
	want := "# built by go run ./plugins/build with go1.99.1 and wat2wasm 1.0.99\n" +
		"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.wasm\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.wasm\n"
	if string(text) != want {
		t.Errorf("got\n%s", text)
	}
	if err := writeAll(filepath.Join(folder, binFolder), map[string][]byte{sumsFile: text}); err != nil {
		t.Fatal(err)
	}
	if got, err := recordedTools(folder); got != with || err != nil {
		t.Errorf("read back: %v, %v", got, err)
	}
	if _, err := checkGo(folder, tools{"go1.98", "1.0.99"}); err == nil || !strings.Contains(err.Error(), "built with go1.99.1 and this is go1.98") {
		t.Errorf("another Go: %v", err)
	}
}

func TestAFileThatDiffersIsNamed(t *testing.T) {
	folder := t.TempDir()
	made := map[string][]byte{"same": []byte("1"), "other": []byte("2"), "missing": []byte("3")}
	if err := writeAll(folder, map[string][]byte{"same": []byte("1"), "other": []byte("x")}); err != nil {
		t.Fatal(err)
	}
	err := compareAll(folder, made)
	if err == nil || strings.Contains(err.Error(), "same") {
		t.Fatalf("got %v", err)
	}
	for _, name := range []string{"other is not what its source makes", "missing"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not in %q", name, err)
		}
	}
}

func TestAMissingProgramIsOneSentence(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findTools(root)
	if err == nil || err.Error() != "go is not installed: put the Go toolchain on the PATH" {
		t.Errorf("go: %v", err)
	}
	err = compile(root, bundled[0], filepath.Join(t.TempDir(), "upper.wasm"))
	if err == nil || !strings.HasPrefix(err.Error(), "wat2wasm is not installed: install wabt") {
		t.Errorf("wat2wasm: %v", err)
	}
}
