package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// The faults of whoever saves a handler's file while it is served.

// notHandlers are files that cannot be served.
func notHandlers() [][]byte {
	good := marked("none")
	return [][]byte{
		nil, []byte("(module)\n"), []byte("\x7fELF\x02\x01\x01"), []byte("\x00asm\x0d\x00\x01\x00"), good[:len(good)/2],
		fixtures["lacking.wasm"].module(), fixtures["exit7.wasm"].module(), fixtures["large.wasm"].module(),
	}
}

func TestBadFilesChangeNothing(t *testing.T) {
	h, file := startServe(t, marked("v001"), "--no-cache")
	neighbour := h.beside(h.visitNeighbour)
	c := h.crowd(8, 1, 40*time.Millisecond) // 200 a second
	bad := notHandlers()
	n := scaled(50)
	for i := range n {
		rename(t, file, append(bad[i%len(bad)], byte(i))) // the same twice would be nothing new
		if r := h.waitFor(wasmhost.EventRefused, i+1); r.Error == "" || r.Version != 1 || r.Handler != file {
			t.Errorf("file %d: %+v", i, r)
		}
	}
	err := c.end()
	if len(c.marks) != 1 || c.marks["v001"] == 0 || err != nil {
		t.Errorf("the clients got %v; %v", c.marks, err)
	}
	rename(t, file, marked("v002"))
	if r := h.waitFor(wasmhost.EventSwapped, 1); r.Version != 2 {
		t.Errorf("the next good one is %+v", r)
	}
	said, err := neighbour()
	check(t, err)
	faults.Row(t, "T52", fmt.Sprintf("%d bad files, each told in a line; %d connections, none lost, all by the old; %s", n, c.connections, said), faults.Nothing)
}

// sections returns where the sections of a module end.
func sections(module []byte) (ends []int) {
	for at := 8; at < len(module); {
		size, n := binary.Uvarint(module[at+1:])
		at += 1 + n + int(size)
		ends = append(ends, at)
	}
	return ends
}

// TestAFileThatIsWrittenSlowlyIsTakenWhole: its writer pauses for longer than a
// file has to be quiet, wherever a section ends. Some of what is there then is
// a module, too, whose data has not come.
func TestAFileThatIsWrittenSlowlyIsTakenWhole(t *testing.T) {
	h, file := startServe(t, marked("v001"), "--no-cache")
	neighbour := h.beside(h.visitNeighbour)
	c := h.crowd(4, 1, 10*time.Millisecond)
	module := marked("v002")
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_TRUNC, 0)
	check(t, err)
	written, parts := 0, sections(module)
	for _, end := range parts {
		_, err := out.Write(module[written:end])
		check(t, err)
		written = end
		if seen := h.seen(1, 250*time.Millisecond, event(wasmhost.EventSwapped, "tcp://"+h.addresses[0])); len(seen) > 0 {
			t.Errorf("%d of %d bytes are served", written, len(module))
		}
	}
	check(t, out.Close())
	h.waitFor(wasmhost.EventSwapped, 1)
	err = c.end()
	if len(c.marks) > 2 || c.marks["v001"] == 0 || c.marks["v001"]+c.marks["v002"] != c.connections || err != nil {
		t.Errorf("the clients got %v; %v", c.marks, err)
	}
	for _, r := range h.seen(1, 0, event(wasmhost.EventRefused, "tcp://"+h.addresses[0])) {
		t.Errorf("a part is refused: %s", r.Error)
	}
	said, err := neighbour()
	check(t, err)
	faults.Row(t, "T53", fmt.Sprintf("%d pauses of its writer, the old serves until the whole is there; %s", len(parts), said), faults.Nothing)
}

// TestAFileThatIsReplacedWhileItCompilesIsNotServed saves what takes seconds
// to compile, and something else meanwhile.
func TestAFileThatIsReplacedWhileItCompilesIsNotServed(t *testing.T) {
	slow, _ := plugins.Open("upper-go")
	h, file := startServe(t, marked("v001"), "--no-cache")
	neighbour := h.beside(h.visitNeighbour)
	c := h.crowd(4, 1, 10*time.Millisecond)
	for i, then := range []func(){
		func() { rename(t, file, marked("v002")) },
		func() { check(t, os.Remove(file)) },
	} {
		rename(t, file, append(slow, 0, 2, 1, byte(i))) // with a section of another name
		h.waitForCompiler()
		then()
		r := h.waitFor(wasmhost.EventRefused, 1+i)
		if r.Error != errSavedAgain.Error() {
			t.Errorf("the report is %+v", r)
		}
		h.waitFor(wasmhost.EventSwapped, 1)
	}
	if r := h.waitFor(wasmhost.EventRefused, 3); r.Error != "no such file or directory" || r.Version != 2 {
		t.Errorf("the report is %+v", r)
	}
	err := c.end()
	if c.marks["v001"]+c.marks["v002"] != c.connections || h.count(wasmhost.EventSwapped) != 1 || err != nil {
		t.Errorf("the clients got %v; %v", c.marks, err)
	}
	said, err := neighbour()
	check(t, err)
	faults.Row(t, "T54", "what was compiled is dropped, the old serves, the next is served; "+said, faults.Nothing)
}

// waitForCompiler waits until a process of the host's compiles: one that only
// waits for a file, after it has warmed up, has done less since it was first
// seen.
func (h *hostProcess) waitForCompiler() {
	h.t.Helper()
	first := map[string]time.Duration{}
	works := func(pid string) bool {
		now := processorTime(pid)
		if _, seen := first[pid]; !seen {
			first[pid] = now
		}
		return now-first[pid] > 150*time.Millisecond
	}
	coretest.Eventually(h.t, patience, "nothing is compiled", func() bool { return slices.ContainsFunc(h.children(), works) })
}

// TestAStormOfSavesIsASwapOrTwo renames a hundred files into place within a
// second. A machine that stands still makes a pause in it, after which it is
// another storm.
func TestAStormOfSavesIsASwapOrTwo(t *testing.T) {
	faults.Row(t, "T57", tried(t, func() (string, error) { return stormOfSaves(t) }), faults.Nothing)
}

func stormOfSaves(t *testing.T) (string, error) {
	h, file := startServe(t, marked("v001"), "--no-cache")
	neighbour := h.beside(h.visitNeighbour)
	c := h.crowd(4, 1, 10*time.Millisecond)
	began := time.Now()
	const saves = 100
	for i := range saves {
		rename(t, file, marked(fmt.Sprintf("s%03d", i)))
	}
	took := time.Since(began)
	last := h.waitForVersion(wasmhost.Digest(marked(fmt.Sprintf("s%03d", saves-1))))
	check(t, c.end())
	swaps := h.count(wasmhost.EventSwapped)
	said, err := neighbour()
	// A storm that takes longer than it should is taken from time to time.
	if most := 2 + int(took/time.Second); swaps > most || last.Version != int64(swaps)+1 {
		err = errors.Join(err, fmt.Errorf("the last one is version %d", last.Version))
	}
	return fmt.Sprintf("%d saves in %v: %d swaps, one after another; %s", saves, short(took), swaps, said), err
}

// waitForVersion returns the report of the swap to a file.
func (h *hostProcess) waitForVersion(digest string) wasmhost.Report {
	h.t.Helper()
	seen := h.seen(1, patience, func(r wasmhost.Report) bool { return r.Event == wasmhost.EventSwapped && r.Digest == digest })
	if len(seen) == 0 {
		h.t.Fatalf("it is not swapped; %s", h.stderr.String())
	}
	return seen[0]
}

// TestAThousandSwapsUnderLoad swaps while 200 clients echo, who come again and
// again: nobody is refused, nobody is cut, and no connection has replies of two
// versions. What versions had is given back.
func TestAThousandSwapsUnderLoad(t *testing.T) {
	for name, every := range map[string]int{"all good": 0, "every tenth bad": 10} {
		t.Run(name, func(t *testing.T) {
			h := started(t, hostSpec{Routes: []routeSpec{{Name: "marked", File: marked("0000")}}})
			// In-process, compilers have the priority of all else, and are never idle here.
			vigil := h.watchNeighbour(time.Second, h.visitNeighbour)
			c := h.crowd(200, 10, 50*time.Millisecond)
			swaps, bad := scaled(1000), notHandlers()
			began, ended := 0, math.MaxInt // KiB: the most of the first quarter, warmed up, and the least of the last
			for i := range swaps {
				file, wantBad := marked(fmt.Sprintf("%04d", i)), every > 0 && i%every == every-1
				if wantBad {
					file = append(bad[i/every%len(bad)], byte(i), byte(i>>8))
				}
				answer, ok := h.order(order{Swap: file}, patience)
				if !ok || answer.Refused != "" || (answer.Reason != "") != wantBad {
					t.Fatalf("swap %d: %+v", i, answer)
				}
				switch at := i * 20 / swaps; {
				case i%max(swaps/20, 1) != 0:
				case 1 <= at && at <= 5:
					began = max(began, h.resident())
				case at >= 15:
					ended = min(ended, h.resident())
				}
			}
			if err := c.end(); err != nil {
				t.Errorf("of %d connections: %v", c.connections, err)
			}
			if ended*10 > began*11 && !testing.Short() { // a few swaps are no start
				t.Errorf("%d KiB are resident, at the start %d", ended, began)
			}
			loaded := h.loaded(3) // the neighbour's, that which serves, and the one before
			versions := len(c.marks)
			if versions < swaps/50 {
				t.Errorf("the clients saw %d versions only", versions)
			}
			_, err := vigil.end()
			check(t, err)
			faults.Row(t, "T55", fmt.Sprintf("%d swaps, %s: %d connections saw %d versions, 0 refused, 0 cut, 0 mixed; %.1f MiB resident at most after a twentieth to a quarter of them, %.1f at least in the last quarter, %d plugins loaded; neighbour %v",
				swaps, name, c.connections, versions, float64(began)/1024, float64(ended)/1024, loaded-1, short(vigil.neighbour.Slowest)), faults.Nothing)
		})
	}
}

// resident returns what is, in KiB, once garbage is given back.
func (h *hostProcess) resident() int {
	h.t.Helper()
	if _, ok := h.order(order{Measure: true}, patience); !ok {
		h.t.Fatal("the host does not answer")
	}
	return h.kibibytes("VmRSS")
}

// loaded waits until no more plugins are loaded than may be.
func (h *hostProcess) loaded(most int) int {
	h.t.Helper()
	for until := time.Now().Add(patience); ; {
		answer, ok := h.order(order{Measure: true}, patience)
		if ok && answer.In.Loaded <= most {
			return answer.In.Loaded
		}
		if !ok || time.Now().After(until) {
			h.t.Fatalf("%d plugins are loaded", answer.In.Loaded)
		}
	}
}

// TestFiftyGuestsAreCutAfterASwap: they loop, or wait for their clients, and
// their version is over when the limit of draining is.
func TestFiftyGuestsAreCutAfterASwap(t *testing.T) {
	const n, limit = 50, 200 * time.Millisecond
	for name, f := range map[string]fixture{"in loops": loops(), "in recv": late()} {
		t.Run(name, func(t *testing.T) {
			a := attack{id: "T69", spec: attackedBy(f), always: "the row without is wasmhost's", do: func(h *hostProcess) (string, error) {
				for range n {
					h.dial(0)
				}
				if started := h.seen(n, h.late, event(wasmhost.EventConnected, "attacker")); len(started) < n {
					return "", fmt.Errorf("%d of %d have begun", len(started), n)
				}
				began := time.Now()
				if answer, ok := h.order(order{Swap: marked("next")}, patience); !ok || answer.Refused+answer.Reason != "" {
					return "", fmt.Errorf("the swap: %+v", answer)
				}
				if ends := h.seen(n, limit+h.late, event(wasmhost.EventStopped, "attacker")); len(ends) < n {
					return "", fmt.Errorf("%d of %d were stopped", len(ends), n)
				}
				took := time.Since(began)
				if over := h.seen(1, h.late, event(wasmhost.EventRetired, "attacker")); len(over) != 1 {
					return "", errors.New("their version is not over")
				}
				return fmt.Sprintf("%d guests of the old version ended %v after a swap", n, short(took)), nil
			}}
			a.spec.Limits = wasmhost.Limits{FuelBetween: -1, FirstByte: -1, Drain: limit}
			a.run(t)
		})
	}
}
