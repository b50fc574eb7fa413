package wasmhost

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// Admission must refuse all that the engine's validator refuses: what it
// passes is rewritten by rules that hold for valid modules only. Bytes of
// modules that a compiler made are changed at random, and both asked.
func TestAdmissionIsAsStrictAsTheEngine(t *testing.T) {
	files, err := filepath.Glob("../plugins/bin/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "module/testdata/every.wasm", "module/testdata/instructions.wasm")
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Skip(err)
			}
			n := max(10, min(rounds, rounds*20_000/len(file)))
			if len(file) < 20_000 {
				n = 10 * rounds
			}
			compareMutants(t, file, n)
		})
	}
}

func compareMutants(t *testing.T, file []byte, rounds int) {
	const seed = 4
	random := rand.New(rand.NewPCG(seed, uint64(len(file))))
	compare(t, file)
	admitted := 0
	for range rounds {
		mutant := bytes.Clone(file)
		for range 1 + random.IntN(3) {
			mutate(random, mutant)
		}
		if compare(t, mutant) {
			admitted++
		}
	}
	t.Logf("%d of %d mutants were admitted", admitted, rounds)
}

// mutate changes a byte, most often one of the code, to a near one or any.
func mutate(random *rand.Rand, file []byte) {
	at := random.IntN(len(file)-8) + 8
	switch random.IntN(4) {
	case 0:
		file[at] ^= 1 << random.IntN(8)
	case 1:
		file[at]++
	case 2:
		file[at] = byte(random.IntN(256))
	case 3:
		other := random.IntN(len(file)-8) + 8
		file[at], file[other] = file[other], file[at]
	}
}

// compare reports whether the file was admitted, in which case the engine
// must take it.
func compare(t *testing.T, file []byte) bool {
	t.Helper()
	if _, err := module.Admit(file, module.Bounds{}); err != nil {
		return false
	}
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2))
	defer r.Close(ctx)
	_, err := r.CompileModule(ctx, file)
	// By the specification a malformed name section is no mistake.
	if err != nil && !strings.Contains(err.Error(), "section custom: ") {
		keep := filepath.Join(os.TempDir(), "sandsock-admitted-"+filepath.Base(t.Name()))
		_ = os.WriteFile(keep, file, 0o600)
		t.Errorf("admitted, but the engine says: %v (see %s)", err, keep)
	}
	return true
}
