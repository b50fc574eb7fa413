package meter

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// seedsOf is how many modules a test generates.
func seedsOf(n uint64) uint64 {
	if testing.Short() {
		return n / 8
	}
	return n
}

// generated admits the module of a seed: if it is not valid, that is a mistake
// of the generator's, or of the checker's.
func generated(t testing.TB, seed uint64) (*module.Module, []byte) {
	t.Helper()
	file := generate(seed)
	m, err := module.Admit(file, module.Bounds{})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return m, file
}

func TestAGeneratedModuleDoesTheSameRewritten(t *testing.T) {
	var c tallies
	p := newPair(t)
	for seed := range seedsOf(400) {
		m, file := generated(t, seed)
		if wrong := c.differ(p, m, file, seed); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
	}
	c.log(t)
	if c.refused > 0 {
		t.Error("the engine compiles not all that was generated")
	}
	if c.dispatched < c.modules/10 {
		t.Errorf("the table of %d modules of %d is dispatched", c.dispatched, c.modules)
	}
}

func (c *tallies) log(t *testing.T) {
	t.Logf("%d modules ran, of %d of which the table is dispatched, %d did not compile; %d calls, of which %d trap; %d ended by the fuel, %d by the stack",
		c.modules, c.dispatched, c.refused, c.calls, c.traps, c.fuel, c.stack)
}

// FuzzRewrite takes the bytes as a module where they are one, and runs it plain
// and rewritten.
func FuzzRewrite(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(generate(seed), seed)
	}
	f.Fuzz(func(t *testing.T, file []byte, seed uint64) {
		m, err := module.Admit(file, module.Bounds{BodyWork: 20_000, Work: 100_000, TableEntries: 1000})
		if err != nil || len(m.Mems) > 0 && m.Mems[0].Min > 16 {
			return
		}
		var c tallies
		if wrong := c.differ(newPair(t), m, file, seed); wrong != "" {
			t.Error(wrong)
		}
	})
}

// mutants are how many changes of one file are tried.
const mutants = 20

func TestAMutatedModuleDoesTheSameRewritten(t *testing.T) {
	var c tallies
	p := newPair(t)
	tried, valid := 0, 0
	for n, file := range originals(t) {
		random := rand.New(rand.NewPCG(uint64(n), 5))
		for range mutants {
			mutant := mutate(random, file)
			tried++
			m, err := module.Admit(mutant, module.Bounds{})
			if err != nil || len(m.Mems) > 0 && m.Mems[0].Min > 16 {
				continue
			}
			valid++
			if wrong := c.differ(p, m, mutant, uint64(n)); wrong != "" {
				t.Errorf("file %d, mutant %d: %s", n, tried%mutants, wrong)
			}
		}
	}
	c.log(t)
	t.Logf("%d of %d mutants are valid", valid, tried)
}

// originals are generated modules, and those of the specification's tests that
// import nothing.
func originals(t *testing.T) (files [][]byte) {
	t.Helper()
	for seed := range seedsOf(200) {
		_, file := generated(t, seed)
		files = append(files, file)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	check(t, err)
	names, err := filepath.Glob(strings.TrimSpace(string(out)) + "/internal/integration_test/spectest/v2/testdata/*.wasm")
	check(t, err)
	for i, name := range names {
		if uint64(i)%32 >= seedsOf(8) {
			continue
		}
		file, err := os.ReadFile(name)
		check(t, err)
		if m, err := module.Admit(file, module.Bounds{}); err == nil && len(m.Imports) == 0 && len(m.Codes) > 0 {
			files = append(files, file)
		}
	}
	return files
}

// mutate changes a few bytes: to any, to a neighbour, or to one of another
// place.
func mutate(random *rand.Rand, file []byte) []byte {
	out := append([]byte(nil), file...)
	for range 1 + random.IntN(3) {
		at := 8 + random.IntN(len(out)-8)
		switch random.IntN(3) {
		case 0:
			out[at] = byte(random.Uint32())
		case 1:
			out[at] += byte(random.IntN(5)) - 2
		default:
			out[at] = out[8+random.IntN(len(out)-8)]
		}
	}
	return out
}
