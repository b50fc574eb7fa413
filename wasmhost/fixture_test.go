package wasmhost

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
)

// patience is how long a test waits for what must come: far above need.
const patience = 30 * time.Second

// fixture is a host over a network in memory, with what it reported.
type fixture struct {
	*Host
	t       *testing.T
	network core.Network
	reports *reports
}

func newFixture(t *testing.T, change func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, network: &memnet.Network{}, reports: newReports()}
	config := Config{Network: f.network, Report: f.reports.add}
	if change != nil {
		change(&config)
	}
	host, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	f.Host = host
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// load loads a module that the test made.
func (f *fixture) load(name string, file []byte) *Plugin {
	f.t.Helper()
	plugin, err := f.Load(context.Background(), name, file)
	if err != nil {
		f.t.Fatal(err)
	}
	return plugin
}

// listener returns a listening socket of the fixture's network.
func (f *fixture) listener() (core.Socket, netip.AddrPort) {
	f.t.Helper()
	s := f.socket(core.SOCK_STREAM)
	must(f.t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	must(f.t, s.Listen(128))
	address, err := s.GetSockName()
	must(f.t, err)
	return s, address
}

func (f *fixture) socket(typ core.Type) core.Socket {
	f.t.Helper()
	s, err := f.network.Socket(core.AF_INET, typ, 0)
	must(f.t, err)
	must(f.t, s.SetTimeout(patience))
	f.t.Cleanup(func() { s.Close() })
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon is what comes from a channel, far sooner than it has to.
func soon[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	return coretest.Within(t, patience, from)
}

// reports collects what a host says, and waits for it.
type reports struct {
	mu   sync.Mutex
	all  []Report
	more chan struct{} // closed and replaced at each report
}

func newReports() *reports { return &reports{more: make(chan struct{})} }

func (r *reports) add(report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, report)
	close(r.more)
	r.more = make(chan struct{})
}

func (r *reports) find(event string) (Report, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, report := range r.all {
		if report.Event == event {
			return report, nil
		}
	}
	return Report{}, r.more
}

// list returns all reports there are.
func (r *reports) list() []Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// wait returns the first report of an event.
func (r *reports) wait(t *testing.T, event string) Report {
	t.Helper()
	deadline := time.After(patience)
	for {
		report, more := r.find(event)
		if more == nil {
			return report
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no report %q came; there are %+v", event, r.all)
		}
	}
}

// count returns how many reports of an event there are.
func (r *reports) count(event string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, report := range r.all {
		if report.Event == event {
			n++
		}
	}
	return n
}

// waitCount waits until there are n reports of an event.
func (r *reports) waitCount(t *testing.T, event string, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		_, more := r.find("none")
		if r.count(event) >= n {
			return
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("%d reports %q came, want %d", r.count(event), event, n)
		}
	}
}

// driver is a guest without a will of its own: the test makes its calls.
type driver struct {
	*instance
	t *testing.T
}

// newDriver instantiates the module of [trampolines] with these grants.
func (f *fixture) newDriver(grants core.Grants) *driver {
	f.t.Helper()
	g := f.newInstance(settings{
		plugin: f.load("driver", trampolines()),
		args:   []string{"driver", "two"},
		env:    []string{"A=1"},
		stdout: &output{line: func(string) {}},
		stderr: &output{line: func(string) {}},
		grants: grants,
		denied: func(call, address, allow string) {
			f.reports.add(Report{Event: EventDenied, Call: call, Address: address, Allow: allow})
		},
	})
	f.t.Cleanup(g.close)
	must(f.t, g.instantiate())
	return &driver{g, f.t}
}

// call calls an import of the guest's by its name and returns the raw result.
func (d *driver) call(name string, params ...uint64) int32 {
	d.t.Helper()
	results, err := d.module.ExportedFunction(name).Call(d.instance, params...)
	if err != nil {
		d.t.Fatalf("%s: %v", name, ending(err))
	}
	return int32(uint32(results[0]))
}

// ok is call for what must succeed.
func (d *driver) ok(name string, params ...uint64) int32 {
	d.t.Helper()
	n := d.call(name, params...)
	if n < 0 {
		d.t.Fatalf("%s: %v", name, core.Errno(-n).Strerror())
	}
	return n
}

// fails is call for what must end in an error.
func (d *driver) fails(want core.Errno, name string, params ...uint64) {
	d.t.Helper()
	if n := d.call(name, params...); n != -int32(want) {
		d.t.Errorf("%s%v = %d, want %d (%s)", name, params, n, -want, want.Name())
	}
}

// The guest's memory, as the tests use it.
const (
	textAt   = 0x100 // texts that go in
	bufferAt = 0x1000
	resultAt = 0x8000
	guestEnd = 0x10000 // one page
)

// put stores a text and returns its pointer and length.
func (d *driver) put(text string) (ptr, length uint64) {
	d.memory.WriteString(textAt, text)
	return textAt, uint64(len(text))
}

func (d *driver) read(ptr, length uint32) string {
	d.t.Helper()
	p, ok := d.memory.Read(ptr, length)
	if !ok {
		d.t.Fatalf("the test reads beyond the guest's memory")
	}
	return string(p)
}

func (d *driver) u32(ptr uint32) uint32 {
	return binary.LittleEndian.Uint32([]byte(d.read(ptr, 4)))
}

// grant reads grants as the command does.
func grant(t *testing.T, use core.Use, texts ...string) (grants core.Grants) {
	t.Helper()
	for _, text := range texts {
		g, err := core.ParseGrant(use, text)
		must(t, err)
		grants = append(grants, g)
	}
	return grants
}

// instanceWith is an instance of a module of the test's that has a connection
// at 3, and the connection's peer.
func (f *fixture) instanceWith(file []byte) (*instance, core.Socket) {
	f.t.Helper()
	listener, address := f.listener()
	peer := f.dial(address)
	conn, _, err := listener.Accept()
	must(f.t, err)
	g := f.newInstance(settings{plugin: f.load("guest", file)})
	f.t.Cleanup(g.close)
	must(f.t, g.instantiate())
	g.table.add(newDescriptor(conn))
	return g, peer
}

// readN reads n bytes, or until the end.
func readN(s core.Socket, n int) (all []byte) {
	p := make([]byte, 32<<10)
	for len(all) < n {
		got, err := s.Recv(p, 0)
		if got == 0 || err != nil {
			break
		}
		all = append(all, p[:got]...)
	}
	return all
}

func secondsOf(seconds float64) time.Duration {
	timeout, _ := core.TimeoutFromSeconds(seconds)
	return timeout
}
