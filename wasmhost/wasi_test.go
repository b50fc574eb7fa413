package wasmhost

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// errno checks the result of a WASI call, which is the error number itself.
func (d *driver) errno(want core.Errno, name string, params ...uint64) {
	d.t.Helper()
	if e := d.call(name, params...); e != int32(want) {
		d.t.Errorf("%s%v = %d (%s), want %d", name, params, e, core.Errno(e).Strerror(), want)
	}
}

func TestWASIGivesArgumentsAndEnvironment(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	d.errno(0, "args_sizes_get", resultAt, resultAt+4)
	if count, size := d.u32(resultAt), d.u32(resultAt+4); count != 2 || size != uint32(len("driver\x00two\x00")) {
		t.Errorf("args_sizes_get: %d, %d", count, size)
	}
	d.errno(0, "args_get", resultAt, bufferAt)
	if d.u32(resultAt) != bufferAt || d.u32(resultAt+4) != bufferAt+7 || d.read(bufferAt, 11) != "driver\x00two\x00" {
		t.Errorf("args_get: %q", d.read(bufferAt, 11))
	}
	d.errno(0, "environ_sizes_get", resultAt, resultAt+4)
	d.errno(0, "environ_get", resultAt, bufferAt)
	if d.u32(resultAt+4) != 4 || d.read(bufferAt, 4) != "A=1\x00" {
		t.Errorf("environ_get: %q", d.read(bufferAt, 4))
	}
}

func TestWASIClocksAreReal(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	clock := func(id uint64) uint64 {
		d.errno(0, "clock_time_get", id, 0, resultAt)
		return binary.LittleEndian.Uint64([]byte(d.read(resultAt, 8)))
	}
	if now := clock(clockRealtime); now < 1767225600e9 { // 2026
		t.Errorf("the real clock is %d", now)
	}
	before := clock(clockMonotonic)
	if after := clock(clockMonotonic); before == 0 || after < before {
		t.Errorf("the monotonic clock goes from %d to %d", before, after)
	}
	d.errno(core.EINVAL, "clock_time_get", 4, 0, resultAt)
	d.errno(0, "clock_res_get", 0, resultAt)
	d.errno(core.EINVAL, "clock_res_get", 4, resultAt)
}

func TestWASIRandomDiffersBetweenInstances(t *testing.T) {
	f := newFixture(t, nil)
	seen := map[string]bool{}
	for range 3 {
		d := f.newDriver(nil)
		d.errno(0, "random_get", bufferAt, 32)
		seen[d.read(bufferAt, 32)] = true
	}
	if len(seen) != 3 {
		t.Error("two instances got the same random bytes")
	}
}

func TestWASIReadsAndWritesASocket(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	d.iovec(0, bufferAt, 0)
	d.iovec(1, bufferAt, 3)
	_, err := peer.Send([]byte("hello"), 0)
	must(t, err)
	d.errno(0, "fd_read", 3, iovecAt, 2, resultAt)
	if n := d.u32(resultAt); n != 3 || d.read(bufferAt, 3) != "hel" {
		t.Errorf("fd_read: %d, %q", n, d.read(bufferAt, 3))
	}
	d.errno(0, "sock_recv", 3, iovecAt, 2, riflagPeek, resultAt, resultAt+4)
	if n := d.u32(resultAt); n != 2 || d.read(bufferAt, 2) != "lo" {
		t.Errorf("sock_recv with PEEK: %d, %q", n, d.read(bufferAt, 2))
	}
	d.errno(core.EINVAL, "sock_recv", 3, iovecAt, 2, 64, resultAt, resultAt+4)
	d.iovec(0, bufferAt, 2)
	d.errno(0, "fd_write", 3, iovecAt, 2, resultAt)
	if n := d.u32(resultAt); n != 5 {
		t.Errorf("fd_write of two buffers takes %d bytes, want 5", n)
	}
	d.errno(0, "sock_send", 3, iovecAt, 1, 0, resultAt)
	d.errno(core.EINVAL, "sock_send", 3, iovecAt, 1, 1, resultAt)
	d.errno(0, "sock_shutdown", 3, 2)
	d.errno(core.EINVAL, "sock_shutdown", 3, 0)
	p := make([]byte, 10)
	n, err := peer.Recv(p, core.MSG_WAITALL)
	if err != nil || string(p[:n]) != "lolollo" {
		t.Errorf("the peer got %q, %v", p[:n], err)
	}
}

// iovecAt is where the tests put WASI's buffer lists.
const iovecAt = 0x400

func (d *driver) iovec(i, ptr, length uint32) {
	d.memory.WriteUint32Le(iovecAt+8*i, ptr)
	d.memory.WriteUint32Le(iovecAt+8*i+4, length)
}

func TestWASIKnowsWhatADescriptorIs(t *testing.T) {
	f := newFixture(t, nil)
	d, _ := f.connected(t)
	d.ok("socket", 2, 2, 0) // 4
	for fd, want := range map[uint64]byte{0: charDevice, 1: charDevice, 3: socketStream, 4: socketDgram} {
		d.errno(0, "fd_fdstat_get", fd, resultAt)
		if got := d.read(resultAt, 1)[0]; got != want {
			t.Errorf("fd_fdstat_get(%d): type %d, want %d", fd, got, want)
		}
		d.errno(0, "fd_filestat_get", fd, resultAt)
		if got := d.read(resultAt+16, 1)[0]; got != want {
			t.Errorf("fd_filestat_get(%d): type %d, want %d", fd, got, want)
		}
	}
	d.errno(0, "fd_fdstat_set_flags", 3, flagNonblock)
	d.errno(0, "fd_fdstat_get", 3, resultAt)
	if got := d.read(resultAt+2, 1)[0]; got != flagNonblock {
		t.Errorf("after NONBLOCK the flags are %d", got)
	}
	d.iovec(0, bufferAt, 8)
	d.errno(core.EAGAIN, "fd_read", 3, iovecAt, 1, resultAt)
	d.errno(0, "fd_fdstat_set_flags", 3, 0)
	if timeout, _ := d.table.entries[3].socket.GetTimeout(); timeout != core.Blocking {
		t.Errorf("without NONBLOCK the timeout is %v", timeout)
	}
	d.errno(core.ENOTSUP, "fd_fdstat_set_flags", 3, 1)
}

func TestWASIRenumberMovesASocket(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	d.ok("socket", 2, 1, 0) // 4
	d.errno(0, "fd_renumber", 3, 4)
	d.fails(core.EBADF, "fileno", 3)
	d.ok("sendall", 4, bufferAt, 3, 0)
	if n, err := peer.Recv(make([]byte, 8), 0); n != 3 || err != nil {
		t.Errorf("the moved socket: %d, %v", n, err)
	}
	d.errno(core.EBADF, "fd_renumber", 3, 4)
	d.errno(core.EBADF, "fd_renumber", 4, 99)
	d.errno(0, "fd_renumber", 4, 4)
	d.ok("fileno", 4)
}

func TestWASIHasNoFilesWhereNoneAreGranted(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	d.errno(core.EBADF, "fd_prestat_get", 3, resultAt)
	d.errno(core.EBADF, "path_open", 3, 0, textAt, 1, 0, 0, 0, 0, resultAt)
	d.errno(core.ESPIPE, "fd_seek", 1, 0, 0, resultAt)
	d.errno(core.EBADF, "fd_seek", 99, 0, 0, resultAt)
	d.errno(core.ENOSYS, "fd_sync", 1)
	d.errno(core.ENOSYS, "proc_raise", 9)
	d.iovec(0, bufferAt, 8)
	d.errno(0, "fd_read", 0, iovecAt, 1, resultAt)
	if n := d.u32(resultAt); n != 0 {
		t.Errorf("a handler's standard input gives %d bytes", n)
	}
}

// subscribe stores a poll_oneoff subscription.
func (d *driver) subscribe(i int, kind byte, fd uint32, timeout uint64) {
	raw := make([]byte, subscriptionSize)
	binary.LittleEndian.PutUint64(raw, uint64(100+i))
	raw[8] = kind
	if kind == eventClock {
		binary.LittleEndian.PutUint32(raw[16:], clockMonotonic)
		binary.LittleEndian.PutUint64(raw[24:], timeout)
	} else {
		binary.LittleEndian.PutUint32(raw[16:], fd)
	}
	d.memory.Write(uint32(bufferAt+i*subscriptionSize), raw)
}

// pollOneoff polls count subscriptions and returns the events as text.
func (d *driver) pollOneoff(count uint64) string {
	d.t.Helper()
	d.errno(0, "poll_oneoff", bufferAt, resultAt, count, 0x7000)
	var events []string
	for i := range d.u32(0x7000) {
		raw := []byte(d.read(resultAt+i*eventSize, eventSize))
		events = append(events, fmt.Sprintf("%d:%d errno %d", binary.LittleEndian.Uint64(raw), raw[10], binary.LittleEndian.Uint16(raw[8:])))
	}
	return strings.Join(events, ", ")
}

func TestPollOneoff(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	const day = 86400e9
	d.subscribe(0, eventClock, 0, day)
	d.subscribe(1, eventRead, 3, 0)
	d.subscribe(2, eventWrite, 3, 0)
	if got := d.pollOneoff(3); got != "102:2 errno 0" {
		t.Errorf("an idle connection: %s", got)
	}
	must(t, peer.SendAll([]byte("x"), 0))
	if got := d.pollOneoff(3); got != "101:1 errno 0, 102:2 errno 0" {
		t.Errorf("with something to read: %s", got)
	}
	d.subscribe(1, eventRead, 99, 0)
	if got := d.pollOneoff(2); got != "101:1 errno 8" {
		t.Errorf("a descriptor that is not open: %s", got)
	}
	d.subscribe(0, eventClock, 0, 1)
	if got := d.pollOneoff(1); got != "100:0 errno 0" {
		t.Errorf("a clock: %s", got)
	}
	d.subscribe(0, 9, 0, 0)
	if got := d.pollOneoff(1); got != "100:9 errno 28" {
		t.Errorf("an unknown kind: %s", got)
	}
	d.subscribe(0, eventRead, 0, 0)
	if got := d.pollOneoff(1); got != "100:1 errno 0" {
		t.Errorf("the end of standard input: %s", got)
	}
	d.errno(core.EINVAL, "poll_oneoff", bufferAt, resultAt, 0, 0x7000)
	for _, count := range []uint64{maxSubscriptions + 1, 0x10000001, 0xffffffff} {
		if e := core.Errno(d.call("poll_oneoff", bufferAt, resultAt, count, 0x7000)); e != core.EINVAL && e != core.EFAULT {
			t.Errorf("%d subscriptions: %v", count, e)
		}
	}
}
