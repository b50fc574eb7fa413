package wasmhost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// digest is of all state a vessel keeps from one connection to the next. The
// guest itself is asked for what a host cannot read.
func (v *vessel) digest(t *testing.T, p *Plugin) [32]byte {
	t.Helper()
	h := sha256.New()
	memory, _ := v.memory.Read(0, v.memory.Size())
	h.Write(memory)
	vectors, err := v.vectors(p)
	must(t, err)
	var globals []uint64
	for _, global := range v.globals {
		globals = append(globals, global.Get())
	}
	binary.Write(h, binary.LittleEndian, globals)
	binary.Write(h, binary.LittleEndian, vectors)
	binary.Write(h, binary.LittleEndian, v.dirty.Get())
	v.fuel.Set(slice)
	v.stack.Set(slice)
	told, err := v.module.ExportedFunction("tell").Call(context.Background())
	if err != nil {
		t.Fatalf("the guest cannot tell of its state: %v", err)
	}
	binary.Write(h, binary.LittleEndian, told)
	return [32]byte(h.Sum(nil))
}

// digest is that of a vessel which is as the snapshot is.
func (s *snapshot) digest() [32]byte {
	h := sha256.New()
	h.Write(s.image.Content())
	binary.Write(h, binary.LittleEndian, s.globals)
	binary.Write(h, binary.LittleEndian, s.vectors)
	binary.Write(h, binary.LittleEndian, []uint64{0, untouched})
	return [32]byte(h.Sum(nil))
}

// What a vandal does, in the second word it receives.
const (
	doesTrap = 1 << iota
	doesSpin
	doesSetTable
	doesGrowTable
	doesSetReference
	doesDrop
	doesGrowMemory
	doesLeakSocket
	everyDeed = 1<<iota - 1
)

// untouched is what a vandal tells that has touched neither its tables nor its
// segment: two null entries, a null reference and the segment's bytes.
const untouched = 0x02_03_00_00 + 'x' + 'y'<<8

// vandal is a handler that sends its descriptor and does what the eight bytes
// it receives say: the first four are written where they point to, into an i64
// and into a v128.
func vandal() []byte {
	var w wasm
	for _, name := range []string{"recv", "random_get", "send", "socket"} {
		f := hostFunction(name)
		w.importFunc(f.module, f.name, w.typ(f.params, f.results))
	}
	const recv, random, send, socket = 0, 1, 2, 3
	w.grows = true
	w.data, w.passive = []byte("abc"), []byte("xy")
	w.tables = [][]byte{{0x70, 0, 2}}
	w.globals = [][]byte{
		{i64, 1, 0x42, 5, 0x0b},
		append(append([]byte{0x7b, 1, 0xfd, 0x0c}, "sixteen bytes..."...), 0x0b),
		{0x70, 1, 0xd0, 0x70, 0x0b}, // ref.null
	}
	w.later("_initialize", w.typ(nil, nil), code(i32Const(0x200), i32Const(512), callFunc(random), drop))
	load := func(at int32) []byte { return code(i32Const(at), []byte{0x28, 2, 0}) } // i32.load
	does := func(deed int32, body ...[]byte) []byte {
		return code(load(textAt+4), i32Const(deed), []byte{0x71, 0x04, 0x40}, code(body...), []byte{0x0b}) // i32.and, if
	}
	self := []byte{0xd2, 4} // ref.func
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		param0, i32Const(textAt), i32Const(8), i32Const(0), callFunc(recv), drop,
		i32Const(textAt+8), param0, []byte{0x36, 2, 0},
		param0, i32Const(textAt+8), i32Const(4), i32Const(0), callFunc(send), drop,
		load(textAt), i32Const(0xfffc), []byte{0x71}, i32Const(-1), []byte{0x36, 2, 0},
		load(textAt), []byte{0xad, 0x24, 0}, // global.set of the i64
		load(textAt), []byte{0xfd, 0x11, 0x24, 1}, // i32x4.splat, global.set of the v128
		does(doesSetTable, i32Const(1), self, []byte{0x26, 0}),
		does(doesGrowTable, []byte{0xd0, 0x70}, i32Const(1), []byte{0xfc, 15, 0}, drop),
		does(doesSetReference, self, []byte{0x24, 2}),
		does(doesDrop, []byte{0xfc, 9, 0}),
		does(doesGrowMemory, i32Const(1), []byte{0x40, 0}, drop),
		does(doesLeakSocket, i32Const(2), i32Const(1), i32Const(0), callFunc(socket), drop),
		does(doesTrap, unreachable),
		does(doesSpin, []byte{0x03, 0x40, 0x0c, 0, 0x0b}),
		i32Const(0),
	))
	shift := func(n int32) []byte { return code(i32Const(n), []byte{0x74, 0x72}) } // i32.shl, i32.or
	w.later("tell", w.typ(nil, []byte{i32}), code(
		i32Const(0), i32Const(0), i32Const(2), []byte{0xfc, 8, 0, 0}, // memory.init
		i32Const(0), []byte{0x2f, 1, 0}, // i32.load16_u
		i32Const(0), []byte{0x25, 0, 0xd1}, i32Const(1), []byte{0x25, 0, 0xd1, 0x71}, shift(16), // both entries are null
		[]byte{0x23, 2, 0xd1}, shift(17), // the reference is null
		[]byte{0xfc, 16, 0}, shift(24), // table.size
	))
	return w.bytes()
}

func TestEveryConnectionBeginsFromTheSameState(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Without = DefenceQuarantine }) // many of them trap
	route, address := f.serve(RouteConfig{Plugin: f.load("vandal", vandal()), Limits: Limits{FuelBetween: 2 * slice}})
	s := route.current.snapshot
	if s == nil {
		t.Fatal("there is no snapshot")
	}
	want := s.digest()
	random := rand.New(rand.NewPCG(1, 2))
	ended := map[string]int{}
	for n := range 1000 {
		message := binary.LittleEndian.AppendUint32(nil, random.Uint32())
		message = binary.LittleEndian.AppendUint32(message, random.Uint32()&random.Uint32()&random.Uint32()&everyDeed)
		c := f.dial(address)
		must(t, c.SendAll(message, 0))
		if fd := receiveAll(t, c); !bytes.Equal(fd, []byte{3, 0, 0, 0}) {
			t.Fatalf("connection %d has descriptor %v", n, fd)
		}
		must(t, c.Close())
		f.waitEnded(t, n+1)
		v, ok := s.take()
		if !ok {
			ended["thrown away"]++
			continue
		}
		ended["kept"]++
		if got := v.digest(t, route.current.plugin); got != want {
			t.Fatalf("after connection %d a vessel that waits differs from the snapshot", n)
		}
		if !s.put(v) {
			t.Fatal("it cannot be put back")
		}
	}
	if ended["kept"] < 100 || ended["thrown away"] < 100 {
		t.Errorf("%v: the handlers do not end both ways", ended)
	}
}

// waitEnded waits until n connections have ended, in whatever way.
func (f *fixture) waitEnded(t *testing.T, n int) {
	t.Helper()
	late := time.After(patience)
	for {
		_, more := f.reports.find("none")
		if f.reports.count(EventClosed)+f.reports.count(EventFailed)+f.reports.count(EventStopped) >= n {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d connections have not ended: %+v", n, f.reports.all)
		}
	}
}

func TestInitializeRunsOnce(t *testing.T) {
	// _initialize fills in random bytes, and handle sends them.
	var w wasm
	send, random := hostFunction("send"), hostFunction("random_get")
	w.importFunc(send.module, send.name, w.typ(send.params, send.results))
	w.importFunc(random.module, random.name, w.typ(random.params, random.results))
	w.later("_initialize", w.typ(nil, nil), code(i32Const(bufferAt), i32Const(8), callFunc(1), drop))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		param0, i32Const(bufferAt), i32Const(8), i32Const(0), callFunc(0), drop, i32Const(0)))
	for _, tt := range []struct {
		name string
		file []byte
		same bool
	}{
		{"from a snapshot", w.bytes(), true},
		{"that asks for a fresh start", append(w.bytes(), custom("sandsock.fresh", "")...), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, nil)
			_, address := f.serve(RouteConfig{Plugin: f.load("seer", tt.file)})
			one, two := receiveAll(t, f.dial(address)), receiveAll(t, f.dial(address))
			if len(one) != 8 || bytes.Equal(one, two) != tt.same {
				t.Errorf("two connections see %x and %x", one, two)
			}
		})
	}
}

func custom(name, content string) []byte {
	return append([]byte{0}, vec(append(vec([]byte(name)), content...))...)
}

func receiveAll(t *testing.T, s core.Socket) (all []byte) {
	t.Helper()
	p := make([]byte, 64)
	for {
		n, err := s.Recv(p, 0)
		must(t, err)
		if n == 0 {
			return all
		}
		all = append(all, p[:n]...)
	}
}

func TestAVesselThatChangedWhatCannotBePutBackIsNotUsedAgain(t *testing.T) {
	tests := []struct {
		name string
		body []byte
	}{
		{"its memory grew", code(i32Const(1), []byte{0x40, 0}, drop, i32Const(0))},
		{"it wrote its table", code(i32Const(0), []byte{0xd2, 0, 0x26, 0}, i32Const(0))}, // ref.func 0, table.set
		{"it let its table grow", code([]byte{0xd0, 0x70}, i32Const(1), []byte{0xfc, 15, 0}, drop, i32Const(0))},
		{"it wrote a global of references", code([]byte{0xd2, 0, 0x24, 0}, i32Const(0))},
		{"it dropped a segment", code([]byte{0xfc, 9, 0}, i32Const(0))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, nil)
			route, address := f.serve(RouteConfig{Plugin: f.load("h", withTable(tt.body))})
			receiveAll(t, f.dial(address))
			f.waitEnded(t, 1)
			if route.current.snapshot == nil {
				t.Fatal("there is no snapshot")
			}
			if _, ok := route.current.snapshot.take(); ok {
				t.Error("it waits for the next connection")
			}
		})
	}
}

// withTable is a handler with a table of two functions, a global of references
// and a passive segment.
func withTable(body []byte) []byte {
	w := wasm{grows: true, passive: []byte("x"), tables: [][]byte{{0x70, 0, 2}}, globals: [][]byte{{0x70, 1, 0xd0, 0x70, 0x0b}}}
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), body)
	return w.bytes()
}

func TestAPluginWhoseInitializeChangesWhatCannotBePutBackDoesSoEachTime(t *testing.T) {
	// _initialize fills the table's second entry; handle traps unless it is as
	// it was left then, and empties it.
	w := wasm{tables: [][]byte{{0x70, 0, 2}}}
	w.later("_initialize", w.typ(nil, nil), code(i32Const(1), []byte{0xd2, 0, 0x26, 0}))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		i32Const(1), []byte{0x25, 0, 0xd1, 0x04, 0x40, 0x00, 0x0b}, // if table.get is null, trap
		i32Const(1), []byte{0xd0, 0x70, 0x26, 0}, i32Const(0)))
	f := newFixture(t, nil)
	route, address := f.serve(RouteConfig{Plugin: f.load("setter", w.bytes())})
	if route.current.snapshot != nil {
		t.Error("there is a snapshot, and a table that it does not have")
	}
	for range 3 {
		receiveAll(t, f.dial(address))
	}
	f.waitEnded(t, 3)
	if n := f.reports.count(EventClosed); n != 3 {
		t.Errorf("%d of 3 connections find the table as it was left by _initialize", n)
	}
}

func TestAVesselThatWentDeepDoesNotKeepItsStack(t *testing.T) {
	// handle calls itself as often as the first byte it receives says, by a
	// thousand.
	var w wasm
	recv := hostFunction("recv")
	w.importFunc(recv.module, recv.name, w.typ(recv.params, recv.results))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		param0, i32Const(bufferAt), i32Const(1), i32Const(0), callFunc(0), drop,
		i32Const(bufferAt), []byte{0x2d, 0, 0}, i32Const(1000), []byte{0x6c}, callFunc(2))) // i32.load8_u, i32.mul
	w.later("dive", w.typ([]byte{i32}, []byte{i32}), code(
		param0, []byte{0x04, 0x7f}, param0, i32Const(1), []byte{0x6b}, callFunc(2), []byte{0x05}, i32Const(0), []byte{0x0b}))
	f := newFixture(t, nil)
	route, address := f.serve(RouteConfig{Plugin: f.load("diver", w.bytes())})
	for n, deep := range []bool{false, true, false} {
		c := f.dial(address)
		message := []byte{0}
		if deep {
			message[0] = 3
		}
		must(t, c.SendAll(message, 0))
		receiveAll(t, c)
		f.waitEnded(t, n+1)
		v, ok := route.current.snapshot.take()
		if !ok || v.deep || (v.handle == nil) != deep {
			t.Errorf("%v: connection %d leaves a vessel, %v; it keeps its stack: %v", deep, n, ok, v.handle != nil)
		}
		route.current.snapshot.put(v)
	}
	if n := f.reports.count(EventClosed); n != 3 {
		t.Errorf("%d of 3 came to their end", n)
	}
}

func TestAPluginThatCannotBeInitializedIsRefusedAtOnce(t *testing.T) {
	f := newFixture(t, nil)
	var w wasm
	w.later("_initialize", w.typ(nil, nil), unreachable)
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), i32Const(0))
	listener, _ := f.listener()
	_, err := f.NewRoute(RouteConfig{Socket: listener, Plugin: f.load("stillborn", w.bytes())})
	if err == nil || err.Error() != "stillborn: cannot be initialized: unreachable" {
		t.Errorf("NewRoute: %v", err)
	}
}
