package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/cmd/sandsock/bench"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// benchFlags is the command line of `sandsock bench`.
type benchFlags struct {
	rounds, held int
	json, csv    bool
	svg          string
}

func newBench(a *app) *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use:   "bench [HANDLER]",
		Short: "measure what the sandbox costs, beside the same server in plain Go",
		Example: `  sandsock bench                     the bundled ` + plugins.Default + `
  sandsock bench echo --rounds 9     a handler in Go, more rounds
  sandsock bench shout.wasm --csv    one of yours that echoes or makes capitals
  sandsock bench --svg bench.svg     and a picture`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			handler := plugins.Default
			if len(args) > 0 {
				handler = args[0]
			}
			if f.rounds < 1 || f.held < 0 {
				return usage(c, "--rounds is 1 or more, and --held 0 or more")
			}
			return a.bench(f, handler)
		},
	}
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Long = "every server is a process of its own, `sandsock serve` for the handler, with serve's limits; they are driven in\n" +
			"turn, and a ratio is of one round. bundled handlers: " + strings.Join(bundled(module.Handler), ", ")
		a.help(c)
	})
	flags := c.Flags()
	flags.SortFlags = false
	flags.IntVar(&f.rounds, "rounds", 5, "rounds that count, 5 if not given")
	flags.IntVar(&f.held, "held", 500, "idle connections whose memory is measured, 500 if not given")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.BoolVar(&f.csv, "csv", false, "print a line of comma-separated values a load and server")
	flags.StringVar(&f.svg, "svg", "", "draw the ratios into this file")
	return c
}

// newBenchNative is the other side of bench, a server in plain Go.
func newBenchNative(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "bench-native WHAT", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			stop := context.AfterFunc(a.drain, func() { _ = listener.Close() })
			defer stop()
			a.print("%s", listener.Addr())
			return bench.ServeNative(listener, args[0])
		},
	}
}

// benchReport is what --json prints.
type benchReport struct {
	Handler string           `json:"handler"`
	Limits  wasmhost.Limits  `json:"limits"`
	Loads   []bench.Result   `json:"loads"`
	Held    int              `json:"held"`
	PerIdle map[string]int64 `json:"resident_per_idle_connection,omitempty"` // bytes, by server
}

func (a *app) bench(f benchFlags, handler string) error {
	servers, err := a.benchServers(handler)
	defer func() {
		for _, s := range servers {
			_ = s.End()
		}
	}()
	if err != nil {
		return err
	}
	report := benchReport{Handler: handler, Limits: limitsInForce(handler), Held: f.held}
	if report.PerIdle, err = held(servers, f.held); err != nil {
		return benchFailure(err)
	}
	if !f.json && !f.csv {
		a.benchHead(report, servers)
	}
	for _, load := range bench.Loads() {
		if a.drain.Err() != nil {
			return errInterrupted
		}
		r, err := bench.Measure(load, sides(servers), f.rounds)
		if err != nil {
			return benchFailure(err)
		}
		report.Loads = append(report.Loads, r)
		if !f.json && !f.csv {
			a.benchRow(r)
		}
	}
	return a.benchEnd(f, report)
}

// benchServers starts the handler, asks what it does, and starts the servers in
// plain Go that do the same. The first is what the others are compared with.
func (a *app) benchServers(handler string) (servers []*bench.Process, err error) {
	if _, err := readPlugin(handler, module.Handler); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sandbox := func() (*bench.Process, error) {
		p, err := bench.Start("sandbox", exec.Command(self, "serve", handler, "--listen", "127.0.0.1:0", "--json"), servedAt)
		if err != nil {
			return nil, &failure{code: exitRefused, text: err.Error(), next: "what is in it: sandsock inspect " + printable(handler)}
		}
		return p, nil
	}
	upper, err := makesCapitals(sandbox, handler)
	if err != nil {
		return nil, err
	}
	natives := []struct{ name, what string }{{"native", "echo"}}
	if upper {
		natives = []struct{ name, what string }{{"native", "bytes"}, {"native, 8 bytes at a time", "eight"}}
	}
	for _, n := range natives {
		p, err := bench.Start(n.name, exec.Command(self, "bench-native", n.what), strings.TrimSpace)
		if err != nil {
			return servers, err
		}
		servers = append(servers, p)
	}
	p, err := sandbox()
	if err == nil {
		servers = append(servers, p)
	}
	return servers, err
}

// makesCapitals asks a server of the handler what it does, and ends it: it may
// have had to compile, and what that took of memory it gives back while others
// are measured.
func makesCapitals(sandbox func() (*bench.Process, error), handler string) (upper bool, err error) {
	p, err := sandbox()
	if err != nil {
		return false, err
	}
	upper, err = bench.Does(p.Server)
	if err != nil {
		err = &failure{
			code: exitFailed, text: printable(handler) + " does not answer as a handler that can be measured: " + err.Error(),
			next: "it has to echo, or to make capitals: sandsock bench " + plugins.Default,
		}
	}
	_ = p.End()
	return upper, err
}

// servedAt finds where a route of `serve --json` is.
func servedAt(line string) string {
	var r wasmhost.Report
	if json.Unmarshal([]byte(line), &r) != nil || r.Event != wasmhost.EventServing {
		return ""
	}
	return strings.TrimPrefix(r.Route, "tcp://")
}

func sides(processes []*bench.Process) (servers []bench.Server) {
	for _, p := range processes {
		servers = append(servers, p.Server)
	}
	return servers
}

// held measures the memory of idle connections, of servers that have done
// nothing else yet.
func held(servers []*bench.Process, count int) (per map[string]int64, err error) {
	if count == 0 {
		return nil, nil
	}
	per = map[string]int64{}
	for _, p := range servers {
		before := p.Resident()
		err := bench.Hold(p.Server, count, func() { per[p.Name] = (p.Resident() - before) / int64(count) })
		if err != nil {
			return nil, err
		}
		if before == 0 {
			return nil, nil // the system does not tell
		}
	}
	return per, nil
}

func benchFailure(err error) error {
	return &failure{code: exitFailed, text: "the measurement ended: " + err.Error(), next: "try fewer: --held 100"}
}

// limitsInForce are those `serve` gives a handler for which no flag is given.
func limitsInForce(handler string) wasmhost.Limits {
	limits := wasmhost.DefaultLimits()
	limits.Memory = cmp.Or(new(limitFlags).of(handler).Memory, limits.Memory)
	return limits
}

func (a *app) benchHead(report benchReport, servers []*bench.Process) {
	a.print("%s, sandboxed, beside plain Go: ratios of speed, above 1 is faster than native", printable(report.Handler))
	l := report.Limits
	a.print("  limits of each connection: %d MiB of memory, %d MiB of stack, %d sockets, %d instructions between two calls,",
		l.Memory>>20, l.Stack>>20, l.Sockets, l.FuelBetween)
	a.print("  %v to its first byte, %v idle; %d connections at once", l.FirstByte, l.Idle, l.Connections)
	for _, p := range servers {
		if per, ok := report.PerIdle[p.Name]; ok {
			a.print("  %-26s %8s resident for each of %d idle connections", p.Name, size(per), report.Held)
		}
	}
	a.print("")
	a.print("  %-36s %-26s %9s %6s  %9s %9s  %8s   %s", "load", "server", "ops/s", "ratio", "p50", "p99", "cpu/op", "rounds")
}

func (a *app) benchRow(r bench.Result) {
	load := r.Load
	for _, f := range r.Servers {
		rounds := make([]string, len(f.Ratios))
		for i, ratio := range f.Ratios {
			rounds[i] = fmt.Sprintf("%.2f", ratio)
		}
		used := "-"
		if f.Processor > 0 {
			used = fmt.Sprintf("%.1f us", f.ProcessorMicros)
		}
		a.print("  %-36s %-26s %9.0f %6.2f  %9s %9s  %8s   %s", load, f.Server, f.PerSec, f.Ratio,
			milliseconds(f.P50), milliseconds(f.P99), used, strings.Join(rounds, " "))
		load = ""
	}
}

// benchEnd prints what is for programs to read, and draws.
func (a *app) benchEnd(f benchFlags, report benchReport) error {
	if f.svg != "" {
		picture := bench.SVG(report.Handler+": speed beside plain Go", report.Loads)
		if err := os.WriteFile(f.svg, []byte(picture), 0o644); err != nil {
			return &failure{code: exitFailed, text: "cannot draw into " + printable(f.svg) + ": " + systemText(err)}
		}
	}
	switch {
	case f.json:
		return json.NewEncoder(a.out).Encode(report)
	case f.csv:
		a.print("load,server,operations_per_second,ratio,p50_us,p99_us,processor_us_per_operation")
		for _, r := range report.Loads {
			for _, s := range r.Servers {
				a.print("%s,%s,%.0f,%.3f,%d,%d,%.2f", strconv.Quote(r.Load), strconv.Quote(s.Server), s.PerSec, s.Ratio,
					s.P50.Microseconds(), s.P99.Microseconds(), s.ProcessorMicros)
			}
		}
		return nil
	}
	a.next("sandsock bench --svg bench.svg", "the same as a picture")
	return nil
}
