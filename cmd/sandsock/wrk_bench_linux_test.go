package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/cmd/sandsock/bench"
	"github.com/sandsock/sandsock/core/coretest"
)

// wrkLoads are those of `sandsock bench`, as far as wrk can make them: it waits
// for each answer, and a message has a head of HTTP's in it.
var wrkLoads = []struct {
	name        string
	connections int
	script      []string // bytes of a message, and "close"
}{
	{"ping-pong, 1 connection, 80 B", 1, []string{"80"}},
	{"ping-pong, 64 connections, 80 B", 64, []string{"80"}},
	{"ping-pong, 16 connections, 4 KiB", 16, []string{"4096"}},
	{"connect, ping, close, 16 at a time", 16, []string{"80", "close"}},
	{"ping-pong, 4 connections, 64 KiB", 4, []string{"65536"}},
}

// BenchmarkWrk drives `sandsock serve` and a server in plain Go, each in a
// process of its own, with a load generator that nobody here has written, and
// reports the median of the rounds' ratios: above 1, the sandbox is faster.
func BenchmarkWrk(b *testing.B) {
	coretest.NeedProgram(b, "wrk")
	for _, load := range wrkLoads {
		for handler, native := range map[string]string{"upper": "bytes", "upper-go": "bytes", "echo": "echo"} {
			b.Run(load.name+"/"+handler, func(b *testing.B) {
				plain := serverOf(b, strings.TrimSpace, "bench-native", native)
				sandbox := serverOf(b, servedAt, "serve", handler, "--listen", "127.0.0.1:0", "--json", "--no-control")
				var ratios []float64
				for b.Loop() {
					for range 5 {
						a := wrk(b, plain, load.connections, load.script)
						ratios = append(ratios, wrk(b, sandbox, load.connections, load.script)/a)
					}
				}
				slices.Sort(ratios)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ratios[len(ratios)/2], "ratio")
				b.ReportMetric(ratios[0], "least")
				b.ReportMetric(ratios[len(ratios)-1], "most")
			})
		}
	}
}

// serverOf is the address of a server that this command runs until the end.
func serverOf(b *testing.B, address func(line string) string, args ...string) string {
	b.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), child+"=command")
	p, err := bench.Start(args[0], cmd, address)
	check(b, err)
	b.Cleanup(func() { check(b, p.End()) })
	return p.Address
}

var perSecond = regexp.MustCompile(`Requests/sec: +([0-9.]+)`)

// wrk drives a server for a second and returns how many exchanges there were
// in one.
func wrk(b *testing.B, address string, connections int, script []string) float64 {
	b.Helper()
	args := []string{"-t", "1", "-d", "1", "-c", strconv.Itoa(connections), "-s", "testdata/wrk.lua", "http://" + address, "--"}
	out, err := exec.Command("wrk", append(args, script...)...).CombinedOutput()
	found := perSecond.FindSubmatch(out)
	if err != nil || found == nil || strings.Contains(string(out), "errors") || strings.Contains(string(out), "Non-2xx") {
		b.Fatal(fmt.Errorf("wrk: %v\n%s", err, out))
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	check(b, err)
	return rate
}
