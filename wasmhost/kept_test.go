package wasmhost

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// keeper makes hosts that keep what they compile in one folder.
type keeper struct {
	t        *testing.T
	dir      string
	compiled int // files
}

func (k *keeper) host(change func(*Config)) *fixture {
	k.t.Helper()
	return newFixture(k.t, func(c *Config) {
		compilesInto(newCache(k.t, k.dir), func(string) { k.compiled++ })(c)
		if change != nil {
			change(c)
		}
	})
}

// kept are the files in the folder.
func (k *keeper) kept() []string {
	k.t.Helper()
	return files(k.t, k.dir)
}

func TestWhatWasKeptIsNotCompiledAgain(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	for range 3 {
		f := k.host(nil)
		f.returns7()
		if said := f.troubles(); len(said) > 0 {
			t.Errorf("reported %q", said)
		}
	}
	if kept := k.kept(); k.compiled != 1 || len(kept) != 1 {
		t.Errorf("compiled %d times, kept %q", k.compiled, kept)
	}
}

func TestWhatWasKeptServesLikeWhatWasCompiled(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	file := vandal() // it has some of everything
	first := k.host(nil).load("x", file)
	again := k.host(nil).load("x", file)
	first.engine, first.compiled, again.engine, again.compiled = nil, nil, nil, nil
	again.took, again.held.host = first.took, first.held.host // these are not of the file
	if !reflect.DeepEqual(first, again) || k.compiled != 1 {
		t.Errorf("at first %+v, then %+v, compiled %d times", first, again, k.compiled)
	}
	if len(first.facts.Snapshot.Data) == 0 || first.facts.Fuel == "" || !first.facts.Snapshots {
		t.Errorf("there is too little to compare: %+v", first)
	}
}

func TestWhatTheConfigurationHasASayInIsCompiledAgain(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(nil).returns7()
	for i, change := range []func(*Config){
		func(c *Config) { c.Bounds = module.Bounds{Functions: 10} },
		func(c *Config) { c.Without = DefenceFuel },
		func(c *Config) { c.Without = DefenceStack },
		func(c *Config) { c.Without = DefenceMemory },
	} {
		k.host(change).returns7()
		if want := i + 2; k.compiled != want {
			t.Errorf("change %d: compiled %d times, want %d", i, k.compiled, want)
		}
	}
}

func TestLimitsHoldForWhatWasKept(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(nil).returns7()
	f := k.host(func(c *Config) { c.Limits.Memory = 1 })
	_, err := f.Load(context.Background(), "seven", handlerOf(i32Const(7)))
	if err == nil || !strings.HasPrefix(err.Error(), "seven: wants 64 KiB of memory") || k.compiled != 1 {
		t.Errorf("the error is %v, compiled %d times", err, k.compiled)
	}
}

func TestWithoutAdmissionNothingIsKept(t *testing.T) {
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(func(c *Config) { c.Without = DefenceAdmission }).returns7()
	if kept := k.kept(); len(kept) > 0 {
		t.Errorf("kept %q", kept)
	}
}

// TestACacheThatCannotKeepSaysSoOnce takes the folder away.
func TestACacheThatCannotKeepSaysSoOnce(t *testing.T) {
	k := &keeper{t: t, dir: filepath.Join(t.TempDir(), "cache")}
	f := k.host(nil)
	must(t, os.RemoveAll(k.dir))
	f.returns7()
	f.load("eight", handlerOf(i32Const(8)))
	if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "goes on without the cache: "+k.dir+": ") {
		t.Errorf("reported %q", said)
	}
}

func TestFactsComeBackAsTheyWere(t *testing.T) {
	want := facts{
		Kind: module.Program, Polls: true, Minimum: 1, Fixed: 2, Fuel: "f", Stack: "s", Snapshots: true, Seed: 3,
		Snapshot: meter.Snapshot{Unfit: "u", Start: "t", Globals: []string{"g"}, Dirty: "d",
			Data: []meter.Data{{Offset: 1 << 31, Bytes: []byte("abc")}, {Offset: 7, Bytes: []byte{}}}},
	}
	kept, err := want.marshal()
	must(t, err)
	var got facts
	must(t, got.unmarshal(kept))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("facts come back as %+v", got)
	}
	for i := range kept {
		if err := new(facts).unmarshal(kept[:i]); err == nil {
			t.Errorf("%d of %d bytes are no error", i, len(kept))
		}
	}
}
