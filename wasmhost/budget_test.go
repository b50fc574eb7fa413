package wasmhost

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// growing is a module that begins with some pages and exports as name a
// function that grows its memory by pages and returns memory.grow's result,
// after it has received a byte.
func growing(begin, by byte) []byte {
	recv := hostFunction("recv")
	var w wasm
	w.importFunc(recv.module, recv.name, w.typ(recv.params, recv.results))
	w.pages, w.grows = begin, true
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		param0, i32Const(0), i32Const(1), i32Const(0), callFunc(0), drop,
		i32Const(int32(by)), []byte{0x40, 0}))
	return w.bytes()
}

func TestMemoryGrowsToTheLimitOfItsRoute(t *testing.T) {
	const host = 1 << 20 // 16 pages
	tests := []struct {
		name  string
		route int64
		by    byte
		want  string
	}{
		{"within the host's", 0, 15, "handle returned 1"},
		{"beyond the host's", 0, 16, "handle returned -1"},
		{"within a smaller one", 4 * pageSize, 3, "handle returned 1"},
		{"beyond a smaller one", 4 * pageSize, 4, "handle returned -1"},
		{"beyond one that is no whole page", 5*pageSize - 1, 4, "handle returned -1"},
		{"within a larger one", 64 * pageSize, 63, "handle returned 1"},
		{"beyond a larger one", 64 * pageSize, 64, "handle returned -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, func(c *Config) { c.Limits.Memory = host })
			_, address := f.serve(RouteConfig{Plugin: f.load("grows", growing(1, tt.by)), Limits: Limits{Memory: tt.route}})
			must(t, f.dial(address).SendAll([]byte("x"), 0))
			if r := f.reports.wait(t, EventFailed); !strings.HasPrefix(r.Error, tt.want) {
				t.Errorf("it ends with %q, want %q", r.Error, tt.want)
			}
		})
	}
}

func TestAPluginThatBeginsAboveALimitIsRefusedWithASentence(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Limits.Memory, c.Budget = 1<<20, 580<<10 })
	listener, _ := f.listener()
	route := func(p *Plugin, memory int64) error {
		_, err := f.NewRoute(RouteConfig{Socket: listener, Plugin: p, Limits: Limits{Memory: memory}})
		return err
	}
	_, tooLarge := f.Load(t.Context(), "h", growing(17, 0))
	program := guestOf("_start", nil, nil, nil)
	_, run := f.Run(t.Context(), Program{Plugin: f.load("h", program), Limits: Limits{Memory: 4096}})
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"above the host's":    {tooLarge, "h: wants 1088 KiB of memory, and 1 MiB is the limit"},
		"above the route's":   {route(f.load("h", growing(5, 0)), 4*pageSize), "h: wants 320 KiB of memory, and 256 KiB is the limit"},
		"above the program's": {run, "h: wants 64 KiB of memory, and 4 KiB is the limit"},
		"above the budget":    {route(f.load("h", growing(8, 0)), 0), "h: wants 552 KiB of memory, and 580 KiB is the budget of the host"},
		"within":              {route(f.load("h", growing(7, 0)), 0), ""},
	} {
		var load *LoadError
		if tt.want == "" && tt.err != nil || tt.want != "" && (!errors.As(tt.err, &load) || tt.err.Error() != tt.want) {
			t.Errorf("%s: %v, want %q", name, tt.err, tt.want)
		}
	}
}

// TestTheBudgetRefusesConnectionsBeforeItIsSpent is T7 and T66: connections
// come until one is refused, then those that are there grow.
func TestTheBudgetRefusesConnectionsBeforeItIsSpent(t *testing.T) {
	if apart(t) {
		return
	}
	const budget, clients, each = 8 << 20, 100, 2*pageSize + instanceCost
	var rows [2]string
	for i, without := range []Defences{0, DefenceMemory} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, func(c *Config) { c.Budget, c.Without = budget, without })
			f.budget.pressure.private = nil // what nobody wrote counts, too
			_, address := f.serve(RouteConfig{Plugin: f.load("grows", growing(2, 10))})
			peak := int64(0)
			for range clients {
				c := f.dial(address)
				synctest.Wait()
				peak = max(peak, f.budget.used.Load())
				t.Cleanup(func() { c.Close() })
			}
			open := f.reports.count(EventConnected)
			rows[i] = fmt.Sprintf("%d of %d connections in %s", open, clients, bytesText(budget))
			if without != 0 {
				if open != clients {
					t.Errorf("without a budget %d connections are open", open)
				}
				return
			}
			if want := budget * 15 / 16 / each; open > want || open < want-1 || peak > budget*15/16 {
				t.Errorf("%d connections are open, want %d; they have %d bytes", open, want, peak)
			}
			if n := f.reports.count(EventTrouble); n != 1 {
				t.Errorf("%d lines say so: %+v", n, f.reports.list())
			}
			if r := f.reports.wait(t, EventTrouble); r.Error != "refused a connection: 8 MiB of memory is the budget of the host" {
				t.Errorf("the line is %q", r.Error)
			}
		})
	}
	faults.Row(t, "T66", rows[0], rows[1])
}

// TestGrowthEndsAtTheBudgetAndAllIsGivenBack is the other half of T7: ten
// instances that grow by 1.25 MiB each.
func TestGrowthEndsAtTheBudgetAndAllIsGivenBack(t *testing.T) {
	if apart(t) {
		return
	}
	const budget = 8 << 20
	var rows [2]string
	for i, without := range []Defences{0, DefenceMemory} {
		f := newFixture(t, func(c *Config) { c.Budget, c.Without = budget, without })
		plugin := f.load("grows", growing(1, 20))
		all := make([]*instance, 10)
		for i := range all {
			all[i] = f.newInstance(settings{plugin: plugin})
			must(t, all[i].instantiate())
		}
		n := 0
		for _, g := range all {
			if _, ok := g.memory.Grow(20); ok {
				n++
			}
		}
		if used := f.budget.used.Load(); without == 0 && (used > budget || n != 5) || without != 0 && n != 10 {
			t.Errorf("without %d: %d have grown, %d bytes are in use", without, n, used)
		}
		for _, g := range all {
			g.close()
		}
		if used, left := f.budget.used.Load(), f.budget.instances.Load(); used != 0 || left != 0 {
			t.Errorf("%d bytes and %d instances are not given back", used, left)
		}
		rows[i] = fmt.Sprintf("%d of 10 grow to 13 MiB in a budget of 8", n)
	}
	faults.Row(t, "T7", rows[0], rows[1])
}

func TestInstancesEndAtTheLimitOfTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Instances = 3 })
		_, one := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
		_, other := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
		for range 3 { // of all routes together
			for _, address := range []netip.AddrPort{one, other} {
				c := f.dial(address)
				synctest.Wait()
				t.Cleanup(func() { c.Close() })
			}
		}
		if n := f.reports.count(EventConnected); n != 3 {
			t.Errorf("%d instances are at work", n)
		}
		if r := f.reports.wait(t, EventTrouble); r.Error != "refused a connection: 3 instances at once is the limit of the host" {
			t.Errorf("the line is %q", r.Error)
		}
	})
}

func TestWhatIsGrownIsZeroAndWhatWasThereStays(t *testing.T) {
	f := newFixture(t, nil)
	g := f.newInstance(settings{plugin: f.load("grows", growing(1, 1))})
	defer g.close()
	must(t, g.instantiate())
	for page := uint32(1); page < 100; page++ {
		if _, ok := g.memory.Grow(1); !ok {
			t.Fatalf("page %d", page)
		}
		if b, _ := g.memory.ReadByte(page * pageSize); b != 0 {
			t.Fatalf("page %d begins with %d", page, b)
		}
		g.memory.WriteByte(page*pageSize, byte(page))
	}
	for page := uint32(1); page < 100; page++ {
		if b, _ := g.memory.ReadByte(page * pageSize); b != byte(page) {
			t.Fatalf("page %d lost what was in it", page)
		}
	}
}

func TestBytesAsTheyAreWritten(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1000: "1000 bytes", 512 << 10: "512 KiB", 64 << 20: "64 MiB", 3 << 29: "1.5 GiB", 2 << 30: "2 GiB", 1<<20 + 1: "1048577 bytes"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
