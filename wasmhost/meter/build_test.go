package meter

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sandsock/sandsock/core/coretest"
)

// workGuests build the load of the benchmarks, testdata/work, in each language:
// a function work() -> i32.
var workGuests = []struct {
	name  string
	build func(testing.TB) []byte
}{
	{"Go", func(t testing.TB) []byte {
		return build(t, "go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", "OUT", "./testdata/work/go")
	}},
	{"C", func(t testing.TB) []byte {
		return build(t, "clang-14", "--target=wasm32", "-O2", "-nostdlib", "-ffreestanding", "-fvisibility=hidden",
			"-Wl,--no-entry", "-Wl,--strip-all", "-o", "OUT", "testdata/work/c/work.c")
	}},
	{"Rust", func(t testing.TB) []byte {
		rustc := "/usr/bin/rustc" // Debian's, which has the target's library
		return build(t, rustc, "-C", "linker=wasm-ld-14", "--edition", "2021", "--crate-type", "cdylib",
			"--target", "wasm32-wasi", "-C", "opt-level=3", "-C", "strip=symbols", "-o", "OUT", "testdata/work/rust/work.rs")
	}},
}

// build runs a compiler, whose argument OUT becomes the file it is to write.
func build(t testing.TB, command ...string) []byte {
	t.Helper()
	coretest.NeedProgram(t, command[0])
	out := filepath.Join(t.TempDir(), "work.wasm")
	for i := range command {
		if command[i] == "OUT" {
			command[i] = out
		}
	}
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, text)
	}
	file, err := os.ReadFile(out)
	check(t, err)
	return file
}
