package wasmhost

import (
	"math"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// A number is the guest's own, while it is open.

// withDescriptor returns the parameters of a call on fd, whose others do no harm.
func withDescriptor(c core.Call, fd uint64) (params []uint64, has bool) {
	for _, p := range c.Params {
		switch p.Kind {
		case core.FD:
			params, has = append(params, fd), true
		case core.In, core.Out, core.OutLen:
			params = append(params, bufferAt)
		default:
			params = append(params, 0)
		}
	}
	return params, has
}

func TestANumberThatIsNotOpenIsEBADF(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	d, _ := f.connected(t)
	d.ok("close", 3)
	for _, c := range core.Calls {
		for _, fd := range []uint64{3, 4, 15, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff} {
			params, has := withDescriptor(c, fd)
			if has && !c.Float {
				d.fails(core.EBADF, c.Name, params...)
			}
		}
	}
	for _, name := range []string{"fd_close", "fd_read", "fd_write", "fd_fdstat_get", "sock_recv", "sock_send", "sock_accept", "sock_shutdown"} {
		params := make([]uint64, len(hostFunction(name).params))
		params[0] = 3
		d.errno(core.EBADF, name, params...)
	}
	faults.Row(t, "T16", "EBADF in every call", faults.Always("the numbers are the instance's own table"))
}

// TestANumberOfAnotherGuestIsNothing has two guests exchange their numbers.
func TestANumberOfAnotherGuestIsNothing(t *testing.T) {
	if apart(t) {
		return
	}
	f := newFixture(t, nil)
	first, firstPeer := f.connected(t)
	second, secondPeer := f.connected(t)
	for range 3 {
		first.ok("socket", 2, 1, 0) // 4, 5, 6
	}
	for fd := uint64(4); fd < 7; fd++ {
		second.fails(core.EBADF, "sendall", fd, bufferAt, 1, 0)
		second.fails(core.EBADF, "close", fd)
		second.errno(core.EBADF, "fd_renumber", fd, 3)
	}
	second.memory.WriteString(bufferAt, "second")
	second.ok("sendall", 3, bufferAt, 6, 0)
	second.ok("close", 3)
	first.memory.WriteString(bufferAt, "first")
	first.ok("sendall", 3, bufferAt, 5, 0)
	for want, peer := range map[string]core.Socket{"first": firstPeer, "second": secondPeer} {
		p := make([]byte, 100)
		if n, err := peer.Recv(p, 0); err != nil || string(p[:n]) != want {
			t.Errorf("the peer got %q, %v, want %q", p[:n], err, want)
		}
	}
	faults.Row(t, "T15", "EBADF, and each guest has its own", faults.Always("the numbers are the instance's own table"))
}

func TestEveryTimeoutHasAResult(t *testing.T) {
	if apart(t) {
		return
	}
	d := newFixture(t, nil).newDriver(nil)
	d.ok("socket", 2, 1, 0)
	d.memory.WriteUint32Le(bufferAt, 0xffffffff) // a poll of nothing
	for _, tt := range []struct {
		seconds   float64
		set, poll core.Errno // poll is not called where it would wait: -1
	}{
		{0, 0, 0}, {math.Copysign(0, -1), 0, 0}, {math.SmallestNonzeroFloat64, 0, 0}, {1e-9, 0, 0},
		{-1, 0, -1}, {-1e300, 0, -1}, {math.Inf(-1), 0, -1}, {9e9, 0, -1}, {9.2e9, 0, -1},
		{math.Nextafter(9.2e9, 1e10), core.EINVAL, -1}, {1e300, core.EINVAL, -1}, {math.MaxFloat64, core.EINVAL, -1},
		{math.Inf(1), core.EINVAL, -1}, {math.NaN(), core.EINVAL, core.EINVAL},
		{math.Float64frombits(0xfff8000000000001), core.EINVAL, core.EINVAL}, // another NaN
	} {
		bits := math.Float64bits(tt.seconds)
		if got := d.call("settimeout", 3, bits); got != -int32(tt.set) {
			t.Errorf("settimeout(%v) = %d, want %v", tt.seconds, got, tt.set)
		}
		if tt.poll < 0 {
			continue
		}
		if got := d.call("poll", bufferAt, 1, bits); got != -int32(tt.poll) {
			t.Errorf("poll(%v) = %d, want %v", tt.seconds, got, tt.poll)
		}
	}
	faults.Row(t, "T14", "each has its result, or is EINVAL", faults.Always("there is no other conversion"))
}

func TestPollHasALimitOfEntries(t *testing.T) {
	if apart(t) {
		return
	}
	d := newFixture(t, nil).newDriver(nil)
	for _, tt := range []struct {
		count uint64
		want  int32
	}{
		{0, 0}, {1, 0}, {core.PollMax, 0}, {core.PollMax + 1, -int32(core.EINVAL)},
		{1_000_000, -int32(core.EINVAL)}, {0x20000000, -int32(core.EINVAL)}, {0x20000001, -int32(core.EINVAL)}, {0xffffffff, -int32(core.EINVAL)},
	} {
		for i := range min(uint32(tt.count), core.PollMax) {
			d.memory.WriteUint32Le(bufferAt+8*i, 0xffffffff)
		}
		if got := d.call("poll", bufferAt, tt.count, 0); got != tt.want {
			t.Errorf("poll of %d entries = %d, want %d", tt.count, got, tt.want)
		}
	}
	faults.Row(t, "T13", "EINVAL above 1,024 entries", faults.Always("the bound is of the call itself"))
}
