package wasmhost

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// digest is of all state a vessel keeps from one connection to the next.
func (v *vessel) digest() [32]byte {
	h := sha256.New()
	memory, _ := v.memory.Read(0, v.memory.Size())
	h.Write(memory)
	for _, global := range v.globals {
		binary.Write(h, binary.LittleEndian, global.Get())
	}
	if v.dirty != nil {
		binary.Write(h, binary.LittleEndian, v.dirty.Get())
	}
	return [32]byte(h.Sum(nil))
}

// vandal is a handler that does what the first four bytes it receives say: the
// low two bits how it ends, the others where it writes.
func vandal() []byte {
	var w wasm
	recv, random := hostFunction("recv"), hostFunction("random_get")
	w.importFunc(recv.module, recv.name, w.typ(recv.params, recv.results))
	w.importFunc(random.module, random.name, w.typ(random.params, random.results))
	w.later("_initialize", w.typ(nil, nil), code(i32Const(0x200), i32Const(512), callFunc(1), drop))
	load := func(at int32) []byte { return code(i32Const(at), []byte{0x28, 2, 0}) } // i32.load
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		param0, i32Const(textAt), i32Const(4), i32Const(0), callFunc(0), drop,
		load(textAt), i32Const(0xfffc), []byte{0x71}, i32Const(-1), []byte{0x36, 2, 0}, // write there
		load(textAt), i32Const(1), []byte{0x71, 0x04, 0x40, 0x00, 0x0b}, // if bit 0: unreachable
		load(textAt), i32Const(2), []byte{0x71, 0x04, 0x40, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b}, // if bit 1: for ever
		i32Const(0),
	))
	return w.bytes()
}

func TestEveryConnectionBeginsFromTheSameState(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Without = DefenceQuarantine }) // most of them trap
	route, address := f.serve(RouteConfig{Plugin: f.load("vandal", vandal()), Limits: Limits{FuelBetween: 2 * slice}})
	s := route.snapshot
	if s == nil {
		t.Fatal("there is no snapshot")
	}
	want := s.digest(t)
	random := rand.New(rand.NewPCG(1, 2))
	ended := map[string]int{}
	for n := range 1000 {
		c := f.dial(address)
		message := make([]byte, 4)
		binary.LittleEndian.PutUint32(message, random.Uint32()&0xfffff)
		must(t, c.SendAll(message, 0))
		if _, err := c.Recv(message, 0); err != nil { // the end of the stream
			t.Fatal(err)
		}
		must(t, c.Close())
		f.waitEnded(t, n+1)
		v, ok := s.take()
		if !ok {
			ended["thrown away"]++
			continue
		}
		ended["kept"]++
		if got := v.digest(); got != want {
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

// digest is that of a vessel which is as the snapshot is.
func (s *snapshot) digest(t *testing.T) [32]byte {
	t.Helper()
	h := sha256.New()
	h.Write(s.image.Content())
	for _, value := range s.globals {
		binary.Write(h, binary.LittleEndian, value)
	}
	return [32]byte(h.Sum(nil))
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
		{"it dropped a segment", code([]byte{0xfc, 9, 0}, i32Const(0))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, nil)
			route, address := f.serve(RouteConfig{Plugin: f.load("h", withTable(tt.body))})
			receiveAll(t, f.dial(address))
			f.waitEnded(t, 1)
			if route.snapshot == nil {
				t.Fatal("there is no snapshot")
			}
			if _, ok := route.snapshot.take(); ok {
				t.Error("it waits for the next connection")
			}
		})
	}
}

// withTable is a handler with a table of two functions and a passive segment.
func withTable(body []byte) []byte {
	out := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x06\x01\x60\x01\x7f\x01\x7f" + "\x03\x02\x01\x00" + "\x04\x04\x01\x70\x00\x02" + "\x05\x03\x01\x00\x01" +
		"\x07\x13\x02\x06handle\x00\x00\x06memory\x02\x00" + "\x0c\x01\x01")
	function := vec(append(append([]byte{0}, body...), 0x0b))
	out = append(append(out, 10), vec(append([]byte{1}, function...))...)
	return append(out, "\x0b\x04\x01\x01\x01x"...)
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
