package wasmhost

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// keptDamages are what may have become of a kept file, a few of each kind.
func keptDamages(whole []byte) (all [][]byte) {
	turned := func(i int) []byte {
		b := bytes.Clone(whole)
		b[i] ^= 0x10
		return b
	}
	code := bytes.LastIndex(whole, []byte("WAZEVO"))
	all = append(all, nil, whole[:1], whole[:len(whole)/2], whole[:code], whole[:len(whole)-1],
		append(bytes.Clone(whole), 0), append(bytes.Clone(whole), whole...),
		turned(0), turned(20), turned(60), // magic, key, sizes
		turned(code), turned(code+6), turned(code+8), // the engine's magic, and its version
		turned(len(whole)-33), turned(len(whole)-1)) // the last of the code, and of the seal
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		all = append(all, turned(random.IntN(len(whole))), whole[:random.IntN(len(whole))])
	}
	return all
}

// TestWhatIsDamagedIsCompiledAgainAndReplaced also shows what the engine does
// with a damage that its own checksum leaves out: where a function begins.
func TestWhatIsDamagedIsCompiledAgainAndReplaced(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(nil).returns7()
	path := k.kept()[0]
	whole, err := os.ReadFile(path)
	must(t, err)
	damages := keptDamages(whole)
	for i, content := range damages {
		must(t, os.WriteFile(path, content, 0o600))
		f := k.host(nil)
		f.returns7()
		const want = "seven is compiled again: what the cache has of it cannot be used: damaged"
		if said := f.troubles(); len(said) != 1 || said[0] != want || k.compiled != i+2 {
			t.Errorf("damage %d: reported %q, compiled %d times", i, said, k.compiled)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("damage %d: not replaced: %v", i, err)
		}
	}
	faults.Row(t, "T61", fmt.Sprintf("%d damages, each compiled again and replaced, one line", len(damages)), believed(t))
}

// TestWhatIsOfAnotherEngineIsCompiledAgain keeps code under a name by which the
// engine does not look for it, as that of another processor.
func TestWhatIsOfAnotherEngineIsCompiledAgain(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	f := k.host(nil)
	seven := handlerOf(i32Const(7))
	made, err := f.config.prepare(seven)
	must(t, err)
	cache := f.config.Cache
	dir, err := cache.Fresh()
	must(t, err)
	must(t, Compile(context.Background(), dir, made.module))
	other := strings.Repeat("0", 64)
	must(t, os.Rename(entry(dir), entry(dir)[:len(entry(dir))-64]+other))
	e := codecache.Entry{Module: made.module}
	e.Name, err = cache.Take(dir)
	must(t, err)
	e.Facts, err = made.marshal()
	must(t, err)
	must(t, cache.Put(*f.key(Digest(seven)), e))
	cache.Clear()
	f.returns7()
	if said := f.troubles(); len(said) != 1 || !strings.HasSuffix(said[0], "cannot be used: it is another engine's") || k.compiled != 1 {
		t.Errorf("reported %q, compiled %d times", said, k.compiled)
	}
	f.returns7()
	if said := f.troubles(); len(said) != 1 || k.compiled != 1 {
		t.Errorf("then: reported %q, compiled %d times", said, k.compiled)
	}
}

// believes is the environment variable that makes of this binary a process that
// takes native code from the engine's own cache, which it names.
const believes = "SANDSOCK_TEST_BELIEVES"

// believe prints what the handler that returns 7 returns.
func believe(dir string) {
	ctx := context.Background()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err == nil {
		r := wazero.NewRuntimeWithConfig(ctx, engineConfig().WithCompilationCache(cache))
		module, err := r.Instantiate(ctx, handlerOf(i32Const(7)))
		if err != nil {
			panic(err)
		}
		fmt.Println(module.ExportedFunction("handle").Call(ctx, 0))
	}
}

// believed says what became of a process that believed a damaged cache.
func believed(t *testing.T) string {
	t.Helper()
	run := func(dir string) (string, error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), believes+"="+dir)
		out, err := cmd.CombinedOutput()
		first, _, _ := strings.Cut(string(out), "\n")
		return first, err
	}
	dir := t.TempDir()
	must(t, Compile(context.Background(), dir, handlerOf(i32Const(7))))
	if said, err := run(dir); err != nil || said != "[7] <nil>" {
		t.Fatalf("undamaged: %q, %v", said, err)
	}
	content, err := os.ReadFile(entry(dir))
	must(t, err)
	at := len("WAZEVO") + 1 + int(content[6]) + 4 // the version, and the count of functions
	binary.LittleEndian.PutUint64(content[at:], binary.LittleEndian.Uint64(content[at:])^1<<3)
	must(t, os.WriteFile(entry(dir), content, 0o600))
	said, err := run(dir)
	if err == nil {
		t.Fatalf("the engine's own cache is as good: %q", said)
	}
	return "the process died: " + cmp.Or(said, err.Error())
}

// TestCodeThatIsFoundDamagedOnTheWayIsCompiledAgain has as much of it as is fed
// to the engine in pieces: what is wrong with a late one is seen when the engine
// has had those before.
func TestCodeThatIsFoundDamagedOnTheWayIsCompiledAgain(t *testing.T) {
	file, err := os.ReadFile("../plugins/bin/echo.wasm")
	must(t, err)
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(nil).load("echo", file)
	path := k.kept()[0]
	whole, err := os.ReadFile(path)
	must(t, err)
	damaged := bytes.Clone(whole)
	damaged[len(whole)-1<<20] ^= 1
	must(t, os.WriteFile(path, damaged, 0o600))
	f := k.host(nil)
	f.load("echo", file)
	const want = "echo is compiled again: what the cache has of it cannot be used: damaged"
	if said := f.troubles(); len(said) != 1 || said[0] != want || k.compiled != 2 {
		t.Errorf("reported %q, compiled %d times", said, k.compiled)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("not replaced: %v", err)
	}
	f = k.host(nil)
	f.load("echo", file)
	if said := f.troubles(); len(said) != 0 || k.compiled != 2 {
		t.Errorf("then: reported %q, compiled %d times", said, k.compiled)
	}
}
