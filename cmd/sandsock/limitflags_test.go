package main

import "testing"

func TestSizesAsTheyAreTyped(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "4096": 4096, "100B": 100, "64KiB": 64 << 10, "64 KiB": 64 << 10, "2kB": 2000, "2KB": 2000, "1.5MiB": 3 << 19,
		"1MB": 1_000_000, "2GiB": 2 << 30, "0.5GB": 500_000_000,
		"": 0, "0": 0, "-1": 0, "none": 0, "64M": 0, "64mib": 0, "64 KiB!": 0, "KiB": 0, "1e9": 0, "0x10": 0, "1_000": 0, "NaN": 0, "Inf": 0,
		"99999999999GiB": 0, "1KiBB": 0, "+5": 0,
	} {
		if got, ok := parseSize(text); got != want || ok != (want > 0) {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestOnlyABundledPluginHasTheSmallerMemory(t *testing.T) {
	var f limitFlags
	for name, want := range map[string]int64{"upper": bundledMemory, "./upper": 0, "upper.wasm": 0, "mine.wasm": 0, "nobody": 0} {
		if got := f.of(name).Memory; got != want {
			t.Errorf("%s has %d", name, got)
		}
	}
	f.Memory = 1 << 20
	if got := f.of("upper").Memory; got != 1<<20 {
		t.Errorf("with --memory upper has %d", got)
	}
}
