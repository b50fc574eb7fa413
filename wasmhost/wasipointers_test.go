package wasmhost

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// wasiPointers are the functions of WASI that use memory: parameters with
// which they do, and which of those are pointers.
var wasiPointers = map[string]struct {
	params   []uint64
	pointers []int
}{
	"args_get":          {[]uint64{resultAt, bufferAt}, []int{0, 1}},
	"args_sizes_get":    {[]uint64{resultAt, resultAt}, []int{0, 1}},
	"environ_get":       {[]uint64{resultAt, bufferAt}, []int{0, 1}},
	"environ_sizes_get": {[]uint64{resultAt, resultAt}, []int{0, 1}},
	"clock_res_get":     {[]uint64{0, resultAt}, []int{1}},
	"clock_time_get":    {[]uint64{0, 0, resultAt}, []int{2}},
	"fd_fdstat_get":     {[]uint64{3, resultAt}, []int{1}},
	"fd_filestat_get":   {[]uint64{3, resultAt}, []int{1}},
	"fd_read":           {[]uint64{3, iovecAt, 1, resultAt}, []int{1, 3}},
	"fd_write":          {[]uint64{3, iovecAt, 1, resultAt}, []int{1, 3}},
	"poll_oneoff":       {[]uint64{0x2000, resultAt, 1, resultAt}, []int{0, 1, 3}},
	"random_get":        {[]uint64{bufferAt, 8}, []int{0}},
	"sock_accept":       {[]uint64{4, 0, resultAt}, []int{2}},
	"sock_recv":         {[]uint64{3, iovecAt, 1, 0, resultAt, resultAt}, []int{1, 4, 5}},
	"sock_send":         {[]uint64{3, iovecAt, 1, 0, resultAt}, []int{1, 4}},
}

func TestABadPointerOfWASIIsEFAULTAndNothingHappens(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	for name, c := range wasiPointers {
		t.Run(name, func(t *testing.T) {
			d, peer := f.connected(t)
			d.errno(0, "fd_fdstat_set_flags", 3, flagNonblock)
			d.iovec(0, bufferAt, 8)
			must(t, peer.SendAll([]byte("still there"), 0))
			listener, address := f.listener()
			d.table.add(newDescriptor(listener)) // 4
			must(t, f.socket(core.SOCK_STREAM).Connect(address))
			same := d.unchanged()
			for _, i := range c.pointers {
				for _, bad := range []uint64{0xffffffff, guestEnd, guestEnd - 1, 0x80000000} {
					params := slices.Clone(c.params)
					params[i] = bad
					d.errno(core.EFAULT, name, params...)
					same(fmt.Sprint(name, params))
				}
			}
			receivedNothing(t, peer)
			d.errno(0, name, c.params...) // and whatever there was is there still
		})
	}
	faults.Row(t, "T70", "EFAULT, and nothing happened", faults.Always("the one file that touches memory checks its bounds"))
}

func TestABufferOutsideTheMemoryIsEFAULTAndNothingHappens(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	must(t, peer.SendAll([]byte("still there"), 0))
	for _, bad := range outside {
		d.iovec(0, bufferAt, 8)
		d.iovec(1, uint32(bad[0]), uint32(bad[1]))
		same := d.unchanged()
		for _, name := range []string{"fd_read", "fd_write", "sock_recv", "sock_send"} {
			params := slices.Clone(wasiPointers[name].params)
			params[2] = 2
			d.errno(core.EFAULT, name, params...)
			same(name)
		}
	}
	receivedNothing(t, peer)
	if n := d.ok("recv", 3, bufferAt, 100, 0); d.read(bufferAt, uint32(n)) != "still there" {
		t.Errorf("afterwards there is %q to read", d.read(bufferAt, uint32(n)))
	}
}

// TestEveryWASICallSurvivesBadPointers gives every function of WASI pointers
// and counts that lead outside, in each place: what fails has changed nothing.
func TestEveryWASICallSurvivesBadPointers(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	bads := []uint64{
		0xffffffff, guestEnd, guestEnd - 1, 0x80000000, 1 << 63,
		0x10000000, 0x10000001, 0x20000001, 0x55555556, // what overflows, times the size of an entry
		maxSubscriptions + 1, maxIovecs + 1,
	}
	for _, c := range wasiCalls {
		t.Run(c.name, func(t *testing.T) {
			d, peer := f.connected(t)
			d.errno(0, "fd_fdstat_set_flags", 3, flagNonblock)
			for place := range c.params {
				for _, bad := range bads {
					for _, other := range []uint64{0, 1, bufferAt} {
						testBadWASI(t, d, c, place, bad, other)
					}
				}
			}
			if d.sent.Load() == 0 {
				receivedNothing(t, peer)
			}
		})
	}
	faults.Row(t, "T70", "an error number, and nothing changed", faults.Always("the one file that touches memory checks its bounds"))
}

func testBadWASI(t *testing.T, d *driver, c wasiCall, place int, bad, other uint64) {
	params := make([]uint64, len(c.params))
	for i := range params {
		params[i] = other
	}
	params[0] = 3
	params[place] = bad
	same := d.unchanged()
	e := core.Errno(d.call(c.name, params...))
	if e < 0 || e > 76 {
		t.Errorf("%s%v = %d", c.name, params, e)
	}
	if e != 0 {
		same(fmt.Sprint(c.name, params))
	}
}
