package coretest

import (
	"testing"

	"github.com/sandsock/sandsock/core"
)

// Options fits the suite to a world. The zero value runs every case but that
// of an unknown name.
type Options struct {
	// SingleThreaded leaves out the cases that need a second goroutine, for a
	// world where a call that waits stops the whole program, as in a
	// WebAssembly guest. Such a world has to bound the time of the whole run
	// itself: otherwise the suite ends a case that hangs.
	SingleThreaded bool

	// UnknownName is a name that nobody has and that the network knows so
	// without the wire. Empty leaves that case out.
	UnknownName string

	// Skip names cases that the world cannot pass, with the reason, which is
	// what the skipped test says.
	Skip map[string]string
}

// Run runs every case, each as a subtest for IPv4 and for IPv6 on a network
// of its own.
func Run(t *testing.T, network func(t *testing.T) core.Network, options Options) {
	for _, family := range []core.Family{core.AF_INET, core.AF_INET6} {
		t.Run(family.String(), func(t *testing.T) {
			for _, g := range groups {
				t.Run(g.name, func(t *testing.T) { g.run(t, network, family, options) })
			}
		})
	}
}

// testCase is one sentence about the contract.
type testCase struct {
	name    string
	run     func(w *world)
	family  core.Family // the only one it is about; AF_UNSPEC is both
	threads bool        // it needs a second goroutine
}

type group struct {
	name  string
	cases []testCase
}

var groups = []group{
	{"socket", socketCases},
	{"mode", modeCases},
	{"bind", bindCases},
	{"sharing", sharingCases},
	{"listen", listenCases},
	{"accept", acceptCases},
	{"connect", connectCases},
	{"names", nameCases},
	{"recv", recvCases},
	{"flags", flagCases},
	{"send", sendCases},
	{"sendall", sendAllCases},
	{"datagram", datagramCases},
	{"shutdown", shutdownCases},
	{"reset", resetCases},
	{"close", closeCases},
	{"option", optionCases},
	{"buffer", bufferCases},
	{"resolve", resolveCases},
	{"poll", pollCases},
	{"poll events", pollEventCases},
	{"cancel", cancelCases},
	{"bulk", bulkCases},
}

func (g group) run(t *testing.T, network func(t *testing.T) core.Network, family core.Family, options Options) {
	for _, c := range g.cases {
		if c.family != core.AF_UNSPEC && c.family != family {
			continue
		}
		if c.threads && options.SingleThreaded {
			t.Logf("not run, it needs two goroutines: %s", c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if reason := options.Skip[c.name]; reason != "" {
				t.Skip(reason)
			}
			c.run(newWorld(t, network(t), family, options))
		})
	}
}
