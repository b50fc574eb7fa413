package wasmhost

import (
	"math"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestEveryCallOfTheContractIsThere(t *testing.T) {
	for _, c := range core.Calls {
		if _, ok := socketCalls[c.Name]; !ok && !c.Float {
			t.Errorf("%s has no implementation", c.Name)
		}
	}
	for name := range socketCalls {
		if _, ok := core.FindCall(name); !ok {
			t.Errorf("%s is not in the contract", name)
		}
	}
}

// connected returns a driver that has a connection at 3, and its peer.
func (f *fixture) connected(t *testing.T) (*driver, core.Socket) {
	t.Helper()
	f.t = t
	listener, address := f.listener()
	peer := f.socket(core.SOCK_STREAM)
	must(t, peer.Connect(address))
	conn, _, err := listener.Accept()
	must(t, err)
	d := f.newDriver(nil)
	if fd := d.table.add(newDescriptor(conn)); fd != 3 {
		t.Fatalf("the connection's descriptor is %d", fd)
	}
	return d, peer
}

func TestDescriptorsAreTheGuestsOwnLowestFreeFirst(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	stream := []uint64{uint64(core.AF_INET), uint64(core.SOCK_STREAM), 0}
	for want := int32(3); want < 6; want++ {
		if fd := d.ok("socket", stream...); fd != want {
			t.Errorf("socket = %d, want %d", fd, want)
		}
	}
	d.ok("close", 4)
	d.fails(core.EBADF, "close", 4)
	d.fails(core.EBADF, "fileno", 4)
	if fd := d.ok("socket", stream...); fd != 4 {
		t.Errorf("socket after close(4) = %d, want 4", fd)
	}
	d.ok("fd_close", 0) // WASI's numbers are the same table
	if fd := d.ok("socket", stream...); fd != 0 {
		t.Errorf("socket after fd_close(0) = %d, want 0", fd)
	}
	d.fails(core.ENOTSOCK, "recv", 1, bufferAt, 1, 0)
	for _, fd := range []uint64{7, 0x7fffffff, 0x80000000, 0xffffffff} {
		d.fails(core.EBADF, "recv", fd, bufferAt, 1, 0)
	}
}

func TestSocketsEndAtTheLimit(t *testing.T) {
	d := newFixture(t, func(c *Config) { c.Limits.Sockets = 2 }).newDriver(nil)
	d.ok("socket", 2, 1, 0)
	d.ok("socket", 2, 1, 0)
	d.fails(core.EMFILE, "socket", 2, 1, 0)
	d.ok("close", 3)
	d.ok("socket", 2, 1, 0)
}

func TestSocketRefusesFamiliesAndRaw(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	for _, family := range []uint64{0, 1, 17, 40, 0xffffffff} { // AF_UNIX, AF_PACKET, AF_VSOCK
		d.fails(core.EAFNOSUPPORT, "socket", family, 1, 0)
	}
	d.fails(core.EPERM, "socket", 2, 3, 0)
}

func TestTimeoutsOfAGuest(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	d.ok("socket", 2, 1, 0)
	get := func(fd uint64) float64 {
		results, err := d.module.ExportedFunction("gettimeout").Call(d.instance, fd)
		must(t, err)
		return math.Float64frombits(results[0])
	}
	for _, tt := range []struct{ set, want float64 }{
		{-1, -1}, {0, 0}, {math.Copysign(0, -1), 0}, {2.5, 2.5}, {1e-12, 1e-9},
	} {
		d.ok("settimeout", 3, math.Float64bits(tt.set))
		if got := get(3); got != tt.want {
			t.Errorf("after settimeout(%v) gettimeout is %v, want %v", tt.set, got, tt.want)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), 1e300} {
		d.fails(core.EINVAL, "settimeout", 3, math.Float64bits(bad))
	}
	if got := get(99); !math.IsNaN(got) {
		t.Errorf("gettimeout of a bad descriptor is %v, want NaN", got)
	}
	d.ok("setblocking", 3, 0)
	d.ok("bind", append([]uint64{3}, d.bindAny()...)...)
	d.ok("listen", 3, 1)
	d.fails(core.EAGAIN, "accept", 3, 0, 0, 0)
	d.ok("settimeout", 3, math.Float64bits(1e-9))
	d.fails(core.ErrTimeout, "accept", 3, 0, 0, 0)
}

// bindAny gives the driver the grant for any port of 127.0.0.1 and returns
// the parameters of such an address.
func (d *driver) bindAny() []uint64 {
	d.grants = append(d.grants, grant(d.t, core.UseListen, "127.0.0.1")...)
	ptr, length := d.put("127.0.0.1:0")
	return []uint64{ptr, length}
}

func TestNamesAreCutToTheBuffer(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	address, err := peer.GetSockName()
	must(t, err)
	want := address.String()
	if n := d.ok("getpeername", 3, bufferAt, 5); int(n) != len(want) || d.read(bufferAt, 6) != want[:5]+"\x00" {
		t.Errorf("getpeername into 5 bytes: length %d, %q", n, d.read(bufferAt, 6))
	}
	if n := d.ok("getpeername", 3, 0, 0); int(n) != len(want) {
		t.Errorf("getpeername without a buffer: length %d, want %d", n, len(want))
	}
	text, all := core.ECONNREFUSED.Strerror(), uint64(100)
	if n := d.ok("strerror", uint64(core.ECONNREFUSED), bufferAt, all); d.read(bufferAt, uint32(n)) != text {
		t.Errorf("strerror: %q", d.read(bufferAt, uint32(n)))
	}
}

func TestAStartFunctionMakesNoSocket(t *testing.T) {
	f := newFixture(t, nil)
	var w wasm
	socket := hostFunction("socket")
	w.importFunc(socket.module, socket.name, w.typ(socket.params, socket.results))
	// if socket(2, 1, 0) != -EPERM then trap
	w.later("begin", w.typ(nil, nil), code(i32Const(2), i32Const(1), i32Const(0), callFunc(0),
		i32Const(-int32(core.EPERM)), []byte{0x47, 0x04, 0x40}, unreachable, []byte{0x0b}))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), i32Const(0))
	w.start = true
	g := f.newInstance(settings{plugin: f.load("start", w.bytes())})
	defer g.close()
	if err := g.instantiate(); err != nil {
		t.Errorf("the start function got something else than EPERM: %v", err)
	}
}
