package meter

import (
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// estimates rewrites a module, and returns the estimate of each of its frames,
// guarded or not, and of those that stand for a call_indirect.
func estimates(m *module.Module) (file []byte, frames map[int]int) {
	file = Rewrite(m, Options{DispatchFrom: 1}).File
	b := &body{r: newRewriter(m, Options{DispatchFrom: 1})}
	b.estimator = estimator{r: b.r, walker: m.NewWalker()}
	frames = map[int]int{}
	for i := range m.Codes {
		b.rewrite(i)
		frames[i] = b.estimator.frame(i, b.checks)
	}
	for key, index := range b.r.helper {
		if key.op == module.OpcodeCallIndirect {
			frames[int(index)-m.NumImportedFuncs()-1] = dispatchFrame(m.Types[key.index])
		}
	}
	return file, frames
}

// realFrames compiles a module and reads the frames out of the machine code:
// a function begins by making sure that its stack is there,
//
//	push rbp; mov rbp, rsp; sub rsp, REQUIRED; cmp rsp, ...
//
// where REQUIRED is all it takes, with what its calls pass on the stack. The
// code is in the engine's cache: a header, the functions' offsets, the code.
func realFrames(t *testing.T, file []byte) (frames []int) {
	t.Helper()
	entry := cacheEntry(t, file)
	version := int(entry[len("WAZEVO")])
	entry = entry[len("WAZEVO")+1+version:]
	count := int(binary.LittleEndian.Uint32(entry))
	offsets, machine := entry[4:4+8*count], entry[4+8*count+8:]
	for i := range count {
		begin := machine[binary.LittleEndian.Uint64(offsets[8*i:]):]
		frames = append(frames, requiredStack(t, begin))
	}
	return frames
}

func requiredStack(t *testing.T, function []byte) int {
	t.Helper()
	const prologue = "\x55\x48\x89\xe5" // push rbp; mov rbp, rsp
	if !strings.HasPrefix(string(function[:4]), prologue) {
		t.Fatalf("a function begins with % x", function[:16])
	}
	switch rest := function[4:]; string(rest[:3]) {
	case "\x48\x83\xec": // sub rsp, imm8
		return int(rest[3])
	case "\x48\x81\xec": // sub rsp, imm32
		return int(binary.LittleEndian.Uint32(rest[3:]))
	}
	t.Fatalf("a function begins with % x", function[:32])
	return 0
}

// cacheEntry compiles into an empty cache and returns the one file of it.
func cacheEntry(t *testing.T, file []byte) (entry []byte) {
	t.Helper()
	dir := t.TempDir()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	check(t, err)
	ctx := context.Background()
	config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2).WithCompilationCache(cache)
	runtime := wazero.NewRuntimeWithConfig(ctx, config.WithDebugInfoEnabled(false))
	defer runtime.Close(ctx)
	_, err = runtime.CompileModule(ctx, file)
	check(t, err)
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			entry, err = os.ReadFile(path)
		}
		return err
	}))
	return entry
}

// compareFrames fails where an estimate is below the frame.
func compareFrames(t *testing.T, m *module.Module) {
	t.Helper()
	file, estimated := estimates(m)
	have := realFrames(t, file)
	closest, sums := 1e9, [2]int{}
	for i, estimate := range estimated {
		if have[i] > estimate {
			t.Errorf("function %d of %d has a frame of %d bytes, estimated at %d", i, len(m.Codes), have[i], estimate)
		}
		if i >= len(m.Codes) {
			t.Logf("a call_indirect has a frame of %d bytes, estimated at %d", have[i], estimate)
		}
		closest = min(closest, float64(estimate)/float64(have[i]))
		sums[0] += have[i]
		sums[1] += estimate
	}
	t.Logf("%d functions: %.2f times the frame at the closest, %.2f in sum", len(estimated), closest, float64(sums[1])/float64(sums[0]))
}

func TestNoFrameOfAProgramIsAboveItsEstimate(t *testing.T) {
	for _, guest := range workGuests {
		t.Run(guest.name, func(t *testing.T) { compareFrames(t, admitted(t, guest.build(t))) })
	}
	bundled, err := filepath.Glob("../../plugins/bin/*.wasm")
	check(t, err)
	for _, path := range bundled {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			check(t, err)
			compareFrames(t, admitted(t, file))
		})
	}
}
