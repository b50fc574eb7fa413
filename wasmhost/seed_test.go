package wasmhost

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/memnet"
)

// diviner is a program that writes eight random bytes and the time to its
// standard output, and then copies its standard input.
func diviner() []byte {
	return withData(guestOf("_start", nil, nil, code(
		i32Const(bufferAt), i32Const(8), callFunc(0), drop, // random_get
		i32Const(0), []byte{0x42, 0}, i32Const(bufferAt+8), callFunc(1), drop, // clock_time_get
		i32Const(1), i32Const(textAt), i32Const(1), i32Const(resultAt), callFunc(2), drop, // fd_write
		i32Const(0), i32Const(textAt), i32Const(1), i32Const(resultAt), callFunc(3), drop, // fd_read
		i32Const(1), i32Const(textAt), i32Const(1), i32Const(resultAt), callFunc(2), drop, // fd_write
	), hostFunction("random_get"), hostFunction("clock_time_get"), hostFunction("fd_write"), hostFunction("fd_read")),
		"\x00\x10\x00\x00\x10\x00\x00\x00")
}

// a runOf is what one run of a program gave.
type runOf struct {
	output string
	fuel   int64
}

func (f *fixture) runSeeded(plugin *Plugin, seed *uint64, fuel int64, input io.Reader) (runOf, error) {
	var out bytes.Buffer
	before := f.reports.count(EventClosed)
	_, err := f.Run(context.Background(), Program{
		Plugin: plugin, Seed: seed, Limits: Limits{Fuel: fuel}, Stdout: &out, Stdin: input,
	})
	if err != nil {
		return runOf{}, err
	}
	if f.reports.count(EventClosed) != before+1 {
		f.t.Error("a run ends without a report")
	}
	f.reports.mu.Lock()
	defer f.reports.mu.Unlock()
	return runOf{out.String(), f.reports.all[len(f.reports.all)-1].Fuel}, nil
}

func TestASeedMakesARunRepeatable(t *testing.T) {
	f := newFixture(t, nil)
	p := f.load("diviner", diviner())
	run := func(seed *uint64) runOf {
		r, err := f.runSeeded(p, seed, 0, strings.NewReader("sixteen bytes in"))
		must(t, err)
		return r
	}
	one, two := uint64(1), uint64(2)
	first := run(&one)
	if again := run(&one); again != first {
		t.Errorf("the same seed gives %+v and %+v", first, again)
	}
	if other := run(&two); other.output == first.output || other.fuel != first.fuel {
		t.Errorf("another seed gives %+v after %+v", other, first)
	}
	if real := run(nil); real.output[:16] == run(nil).output[:16] {
		t.Errorf("without a seed, chance and time are %q twice", real.output[:16])
	}
	if !strings.HasSuffix(first.output, "sixteen bytes in") {
		t.Errorf("standard input came as %q", first.output[16:])
	}
}

func TestABudgetOfFuelIsExact(t *testing.T) {
	f := newFixture(t, nil)
	p := f.load("diviner", diviner())
	seed := uint64(1)
	free, err := f.runSeeded(p, &seed, 0, strings.NewReader("abc"))
	must(t, err)
	if _, err := f.runSeeded(p, &seed, free.fuel, strings.NewReader("abc")); err != nil {
		t.Errorf("with the %d of fuel it uses: %v", free.fuel, err)
	}
	var stopped *Stopped
	if _, err := f.runSeeded(p, &seed, free.fuel-1, strings.NewReader("abc")); !errors.As(err, &stopped) {
		t.Errorf("with one less: %v", err)
	}
	loop := f.load("loop", guestOf("_start", nil, nil, []byte{0x03, 0x40, 0x0c, 0, 0x0b}))
	for _, fuel := range []int64{1, 1000, 1_000_000} {
		_, err = f.runSeeded(loop, nil, fuel, nil)
		if !errors.As(err, &stopped) || !strings.Contains(stopped.Reason, "of fuel") {
			t.Errorf("an endless loop with %d of fuel ends by %v", fuel, err)
		}
		f.reports.mu.Lock()
		if last := f.reports.all[len(f.reports.all)-1]; last.Fuel <= fuel || last.Fuel > fuel+maxOvershoot {
			t.Errorf("it used %d", last.Fuel)
		}
		f.reports.mu.Unlock()
	}
}

// maxOvershoot is how much may be executed between two looks at the fuel.
const maxOvershoot = 5000

func TestAReadWithASeedIsThePeersMessage(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Network = &memnet.Network{} })
	d, peer := f.connected(t)
	d.seeded = newSeeded(1)
	must(t, peer.SendAll([]byte("one "), 0))
	must(t, peer.SendAll([]byte("message"), 0))
	n := d.ok("recv", 3, bufferAt, 64, 0)
	if got := d.read(bufferAt, uint32(n)); got != "one message" {
		t.Errorf("recv gives %q", got)
	}
	must(t, peer.SendAll([]byte("four"), 0))
	if n := d.ok("recv", 3, bufferAt, 4, 0); n != 4 {
		t.Errorf("recv of a full buffer gives %d", n)
	}
}
