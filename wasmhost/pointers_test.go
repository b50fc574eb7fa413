package wasmhost

import (
	"bytes"
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// outside are pointer and length pairs that do not lie in one page of memory.
var outside = [][2]uint64{
	{0xffffffff, 2}, {guestEnd - 1, 2}, {guestEnd, 1}, {guestEnd + 1, 0}, {1, 0xffffffff},
	{0, 0x80000000}, {0x80000000, 0x80000000}, {0xffffffff, 0xffffffff}, {guestEnd - 1, 1 << 30},
}

func isPointer(p core.Param) bool {
	return p.Kind == core.In || p.Kind == core.Out || p.Kind == core.InOut || p.Kind == core.OutLen
}

func TestAPointerOutsideTheMemoryIsEFAULTAndNothingHappens(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	for _, c := range core.Calls {
		for i, p := range c.Params {
			if !isPointer(p) {
				continue
			}
			for _, bad := range outside {
				if p.Kind == core.OutLen && bad[0] < guestEnd-3 {
					continue // has no length: it is four bytes
				}
				t.Run(fmt.Sprintf("%s/%s=%#x,%#x", c.Name, p.Name, bad[0], bad[1]), func(t *testing.T) {
					testBadPointer(t, f, c, i, bad)
				})
			}
		}
	}
	faults.Row(t, "T10", "EFAULT, and nothing happened", faults.Always("the one file that touches memory checks its bounds"))
}

// testBadPointer makes a call in which all is well but one pointer, on a
// connection that has something to read: the result is EFAULT, and what was
// there to read is there still.
func testBadPointer(t *testing.T, f *fixture, c core.Call, bad int, pair [2]uint64) {
	d, peer := f.connected(t)
	_, err := peer.Send([]byte("still there"), 0)
	must(t, err)
	want := core.EFAULT
	if c.Params[bad].Kind == core.InOut && pair[1] > core.PollMax {
		want = core.EINVAL
	}
	params := badParams(d, c, bad, pair)
	same := d.unchanged()
	d.fails(want, c.Name, params...)
	same(c.Name)
	n := d.ok("recv", 3, bufferAt, 100, core.MSG_DONTWAIT)
	if got := d.read(bufferAt, uint32(n)); got != "still there" {
		t.Errorf("afterwards there is %q to read", got)
	}
	receivedNothing(t, peer)
}

func receivedNothing(t *testing.T, peer core.Socket) {
	t.Helper()
	must(t, peer.SetTimeout(core.NonBlocking))
	if _, err := peer.Recv(make([]byte, 1), 0); err != core.EAGAIN {
		t.Errorf("the peer received something: %v", err)
	}
}

// unchanged remembers the guest's memory and its descriptors. What it returns
// fails the test where they are different.
func (d *driver) unchanged() func(what string) {
	before, _ := d.memory.Read(0, guestEnd)
	before = bytes.Clone(before)
	sockets, numbers := d.table.sockets, len(d.table.entries)
	return func(what string) {
		d.t.Helper()
		if after, _ := d.memory.Read(0, guestEnd); !bytes.Equal(before, after) {
			d.t.Errorf("%s failed, and changed the memory", what)
		}
		if d.table.sockets != sockets || len(d.table.entries) != numbers {
			d.t.Errorf("%s failed, and changed the descriptors", what)
		}
	}
}

func badParams(d *driver, c core.Call, bad int, pair [2]uint64) []uint64 {
	params := make([]uint64, len(c.Params))
	for i, p := range c.Params {
		switch p.Kind {
		case core.FD:
			params[i] = 3
		case core.In:
			params[i] = textAt
		case core.Out, core.InOut, core.OutLen:
			params[i] = bufferAt
		case core.Len:
			params[i] = 8
		case core.Count:
			params[i] = 1
		}
	}
	params[bad] = pair[0]
	if bad+1 < len(params) && c.Params[bad].Kind != core.OutLen {
		params[bad+1] = pair[1]
	}
	return params
}

// TestNothingAtTheEndOfTheMemoryIsNotOutside: as in WebAssembly's own bulk
// instructions, no bytes at the end are in bounds.
func TestNothingAtTheEndOfTheMemoryIsNotOutside(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range core.Calls {
		for i, p := range c.Params {
			if isPointer(p) && p.Kind != core.OutLen && c.Name != "accept" {
				d, _ := f.connected(t)
				must(t, d.table.entries[3].socket.SetTimeout(core.NonBlocking))
				if n := d.call(c.Name, badParams(d, c, i, [2]uint64{guestEnd, 0})...); n == -int32(core.EFAULT) {
					t.Errorf("%s with nothing at %s is EFAULT", c.Name, p.Name)
				}
			}
		}
	}
}

func TestWhatAGuestClaimsCostsTheHostNothing(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	d, _ := f.connected(t)
	d.table.entries[3].socket = taking{d.table.entries[3].socket}
	none := args{3, bufferAt, 0, 0, 0, 0, 0}
	huge := args{3, bufferAt, 1 << 30, 0, 0, 0, 0}
	for name, call := range map[string]call{"send": send, "sendall": sendAll, "sendto": sendTo, "recv": recv, "recvfrom": recvFrom} {
		for _, params := range []args{none, huge} {
			// So many that what the neighbour allocates meanwhile does not count.
			if n := testing.AllocsPerRun(10_000, func() { call(d.instance, params) }); n > 0 {
				t.Errorf("%s of %d bytes allocates %v times", name, params[2], n)
			}
		}
	}
	before := heap()
	for range 100_000 {
		if _, err := send(d.instance, none); err != nil {
			t.Fatal(err)
		}
	}
	grown := int64(heap()) - int64(before)
	if grown > 1<<20 {
		t.Errorf("after 100,000 sends of nothing the host has %d bytes more", grown)
	}
	faults.Row(t, "T11", fmt.Sprintf("nothing is allocated; %d bytes more after 100,000 sends", max(grown, 0)), faults.Always("no code allocates what a guest claims"))
}

// taking is a socket that takes all and costs nothing.
type taking struct{ core.Socket }

func (taking) Send(p []byte, _ int) (int, error)                         { return len(p), nil }
func (taking) SendAll([]byte, int) error                                 { return nil }
func (taking) Recv([]byte, int) (int, error)                             { return 0, nil }
func (taking) RecvFrom([]byte, int) (n int, _ netip.AddrPort, err error) { return }

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// once is a memory that counts how often the place of a text is read.
type once struct {
	api.Memory
	reads int
}

func (m *once) Read(offset, size uint32) ([]byte, bool) {
	p, ok := m.Memory.Read(offset, size)
	if offset <= textAt && textAt < offset+size {
		m.reads++
		p = bytes.Clone(p)
		m.Memory.WriteString(textAt, "192.0.2.66:6") // as a second guest thread would
	}
	return p, ok
}

// TestAnAddressIsReadOnce has the memory change as soon as it was read: what
// was checked is what is used.
func TestAnAddressIsReadOnce(t *testing.T) {
	if apart(t) {
		return
	}
	n := newReaching()
	f := newFixture(t, func(c *Config) { c.Network = n })
	var grants core.Grants
	for use := core.UseConnect; use <= core.UseSend; use++ {
		grants = append(grants, grant(t, use, "127.0.0.1:80")...)
	}
	for call, params := range map[string]args{
		"bind": {3, textAt, 12}, "connect": {3, textAt, 12}, "connect_ex": {3, textAt, 12}, "sendto": {3, bufferAt, 1, 0, textAt, 12},
	} {
		d := f.newDriver(grants)
		d.ok("socket", 2, 2, 0)
		d.put("127.0.0.1:80")
		memory := &once{Memory: d.memory}
		d.memory, n.calls = memory, nil
		if _, err := socketCalls[call](d.instance, params); err != nil {
			t.Errorf("%s: %v", call, err)
		}
		d.memory = memory.Memory
		if memory.reads != 1 || len(n.calls) != 1 || n.calls[0][len(n.calls[0])-12:] != "127.0.0.1:80" {
			t.Errorf("%s reads the address %d times, and the network saw %v", call, memory.reads, n.calls)
		}
	}
	faults.Row(t, "T40", "read once, and used as it was", faults.Always("no code reads it twice"))
}
