package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// BenchmarkSwap reports the medians of how long it takes from the rename of a
// handler's file until a client who comes has its answer of the new one: of a
// tiny handler, and of a Go guest that was never compiled, and that was.
// Beside those that are cold, in turn with them, stands what wazero takes to
// compile that file, as it is: by itself, and as the host has it, with a worker
// for each processor and a folder for the code. That in this process, which
// compiles it time and again, and in a fresh one, which has compiled nothing
// before, as ours has not.
func BenchmarkSwap(b *testing.B) {
	guest, _ := plugins.Open("upper-go")
	tiny, _ := plugins.Open("upper")
	for name, file := range map[string][]byte{"tiny": tiny, "go": guest} {
		b.Run(name+"/cold", func(b *testing.B) {
			s := newSwapBench(b, file)
			var wazeros, engine, fresh []time.Duration
			for i := range uint32(b.N) {
				next := numbered(file, i+1)
				wazeros = append(wazeros, wazeroAlone(next))
				engine = append(engine, alone(b.TempDir(), next))
				fresh = append(fresh, aloneInAProcess(b, next))
				s.swap(next)
			}
			b.ReportMetric(median(s.times), "swap-ms")
			b.ReportMetric(median(wazeros), "wazero-ms")
			b.ReportMetric(median(s.times)/median(wazeros), "wazero-ratio")
			b.ReportMetric(median(engine), "engine-ms")
			b.ReportMetric(median(s.times)/median(engine), "ratio")
			b.ReportMetric(median(fresh), "fresh-engine-ms")
			b.ReportMetric(median(s.times)/median(fresh), "fresh-ratio")
			b.ReportMetric(0, "ns/op")
		})
		b.Run(name+"/kept", func(b *testing.B) {
			s := newSwapBench(b, file)
			s.swap(numbered(file, 1))
			s.times = nil
			for i := range uint32(b.N) {
				s.swap(numbered(file, i%2))
			}
			b.ReportMetric(median(s.times), "swap-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

type swapBench struct {
	*hostProcess
	b     *testing.B
	file  string
	swaps int
	times []time.Duration
}

func newSwapBench(b *testing.B, file []byte) *swapBench {
	h, path := startServe(b, numbered(file, 0))
	return &swapBench{hostProcess: h, b: b, file: path}
}

// swap saves a file after a calm, and takes the time until it answers.
func (s *swapBench) swap(file []byte) {
	time.Sleep(300 * time.Millisecond) // it is not a storm's
	check(s.b, os.WriteFile(s.file+".new", file, 0o666))
	began := time.Now()
	check(s.b, os.Rename(s.file+".new", s.file))
	s.swaps++
	if r := s.waitFor(wasmhost.EventSwapped, s.swaps); r.Digest != wasmhost.Digest(file) {
		s.b.Fatalf("swapped to %+v", r)
	}
	c, err := net.DialTimeout("tcp", s.addresses[0], patience)
	check(s.b, err)
	defer c.Close()
	check(s.b, c.SetDeadline(time.Now().Add(patience)))
	check(s.b, exchange(c))
	s.times = append(s.times, time.Since(began))
}

// wazeroAlone is how long wazero takes to compile a file where nothing is set:
// one function after another.
func wazeroAlone(file []byte) time.Duration {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	began := time.Now()
	if _, err := r.CompileModule(ctx, file); err != nil {
		panic(err)
	}
	return time.Since(began)
}

// alone is how long wazero takes to compile a file as the host has it.
func alone(dir string, file []byte) time.Duration {
	began := time.Now()
	if err := wasmhost.Compile(context.Background(), dir, file); err != nil {
		panic(err)
	}
	return time.Since(began)
}

func init() {
	children["engine"] = func() {
		file, err := os.ReadFile(os.Args[2])
		if err != nil {
			panic(err)
		}
		fmt.Print(int64(alone(os.Args[1], file)))
	}
}

// aloneInAProcess leaves out how long the process takes to begin.
func aloneInAProcess(b *testing.B, file []byte) time.Duration {
	path := b.TempDir() + "/file.wasm"
	check(b, os.WriteFile(path, file, 0o666))
	cmd := exec.Command(os.Args[0], b.TempDir(), path)
	cmd.Env = append(os.Environ(), child+"=engine")
	out, err := cmd.Output()
	check(b, err)
	took, err := strconv.ParseInt(string(out), 10, 64)
	check(b, err)
	return time.Duration(took)
}

// numbered is a module that nobody has seen, but does what it did: a custom
// section is added.
func numbered(module []byte, n uint32) []byte {
	return append(slices.Clone(module), section(0, join(text("number"), binary.BigEndian.AppendUint32(nil, n)))...)
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2]) / 1e6
}
