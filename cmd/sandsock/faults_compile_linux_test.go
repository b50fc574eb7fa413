package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// bombFile is a file for the host to load.
type bombFile struct{ name, path string }

// written makes the files of some shapes. It is done before there is a host to
// watch: to find how large each shape may be takes this process all it has, and
// the neighbour's client is one of its goroutines. Every third will do where
// SANDSOCK_FULL is not set: all take minutes.
func written(t *testing.T, file func(b bomb) []byte) (files []bombFile) {
	t.Helper()
	for i, b := range bombs {
		if os.Getenv("SANDSOCK_FULL") != "1" && i%3 != 0 {
			continue
		}
		files = append(files, write(t, b.name, file(b)))
	}
	runtime.GC()
	return files
}

func write(t *testing.T, name string, file []byte) bombFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bomb.wasm")
	check(t, os.WriteFile(path, file, 0o600))
	return bombFile{name, path}
}

// try makes the host load a file, and returns why it was refused where it was.
func (h *hostProcess) try(file bombFile, within time.Duration) (reason string, took time.Duration, err error) {
	answer, ok := h.order(order{Try: file.path}, within)
	switch {
	case !ok:
		return "", 0, fmt.Errorf("not loaded and not refused in %v", within)
	case answer.Refused != "":
		return "", 0, errors.New(answer.Refused)
	}
	return answer.Reason, answer.Took, nil
}

// eachTried makes one host load file after file, of which each is an attack of
// its own: what a machine is slow at by chance is not the same file three times.
// It returns what came of all. Memory is in MiB, for all of them.
func eachTried(t *testing.T, spec hostSpec, files []bombFile, memory int, try func(h *hostProcess, f bombFile) (time.Duration, error)) string {
	t.Helper()
	h := started(t, spec)
	defer h.kill()
	var slowest, neighbour, collection time.Duration
	for _, f := range files {
		tried(t, func() (string, error) {
			watch := h.watch(neighbourAnswers)
			took, err := try(h, f)
			watched, watchErr := watch.end()
			t.Logf("%s: %v, %s, the host has had %d MiB", f.name, short(took), watched, h.highWater())
			if err = errors.Join(err, watchErr); err == nil {
				slowest, neighbour, collection = max(slowest, took), max(neighbour, watch.neighbour.Slowest), max(collection, watch.collection)
			}
			return f.name, oneLine(err)
		})
	}
	said, err := weighed(h, fmt.Sprintf("%d shapes, each in %v at most", len(files), short(slowest)), h.close(), memory)
	if err != nil {
		t.Errorf("%s: %v", said, oneLine(err))
	}
	return fmt.Sprintf("%s, neighbour %v, collection %v", said, short(neighbour), short(collection))
}

// TestCompileBombsAreRefused: twice of what is admitted at most is not, and it
// takes neither time nor memory to say so.
func TestCompileBombsAreRefused(t *testing.T) {
	files := written(t, func(b bomb) []byte {
		n, copies := b.largest()
		if larger := b.at(n*2, copies); !admitted(larger) {
			return larger
		}
		return b.at(n, copies*2)
	})
	spec := hostSpec{Compile: &compileSpec{Memory: compileMemory, Wall: compileTime}}
	refused := eachTried(t, spec, files, 150, func(h *hostProcess, f bombFile) (time.Duration, error) {
		reason, took, err := h.try(f, patience)
		switch {
		case err != nil:
			return took, err
		case reason == "":
			return took, errors.New("was not refused")
		case took > 3500*time.Millisecond:
			return took, fmt.Errorf("took %v to refuse", took)
		}
		return took, nil
	})
	faults.Row(t, "T23", "refused: "+refused, faults.Always("another case has it"))
}

// TestTheWorstThatIsAdmittedIsHeldByItsProcess compiles each shape as large as
// it is admitted: the compiler keeps to its limits, and the host to what it may
// take for any file.
func TestTheWorstThatIsAdmittedIsHeldByItsProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for a minute")
	}
	full := os.Getenv("SANDSOCK_FULL") == "1"
	files := written(t, func(b bomb) []byte {
		n, copies := b.largest()
		if !full || !b.heavy {
			copies = max(1, copies/10)
		}
		return b.at(n, copies)
	})
	spec := hostSpec{Compile: &compileSpec{Memory: compileMemory, Wall: 3 * time.Minute}}
	compiled := eachTried(t, spec, files, hostMemoryOfALoad, func(h *hostProcess, f bombFile) (time.Duration, error) {
		reason, took, err := h.try(f, 4*time.Minute)
		if err == nil && reason != "" {
			err = errors.New(reason)
		}
		return took, err
	})
	faults.Row(t, "T23", "compiled: "+compiled, faults.Always("another case has it"))
}

// hostMemoryOfALoad is what loading any file may take in the host itself, in
// MiB, as wasmhost/module/work.go has it.
const hostMemoryOfALoad = 200

// TestBombsThatNobodyRefusesAreEndedByTheirLimits leaves the bounds of
// admission out: what comes then is ended with the process that compiles it.
// Without that too, the host itself is what grows.
func TestBombsThatNobodyRefusesAreEndedByTheirLimits(t *testing.T) {
	files := []bombFile{
		write(t, "a chain of ifs over locals", slow()),
		write(t, "blocks in one another", bombNamed("blocks in one another").at(30_000, 1)),
		write(t, "loops in one another", bombNamed("loops in one another among locals").at(5_000, 2)),
		write(t, "loads", bombNamed("loads").at(400_000, 1)),
		write(t, "loads and stores", bombNamed("loads and stores in one block").at(150_000, 3)),
	}
	spec := hostSpec{Compile: &compileSpec{Memory: 512 << 20, Wall: time.Second, Bounds: module.Unbounded()}}
	// Without bounds the host reads far more of a file than it ever would, and may
	// keep its neighbour waiting for it: that is what bounds are for.
	with := attack{answers: silence, spec: spec, do: func(h *hostProcess) (string, error) {
		var reasons []string
		for _, f := range files {
			reason, took, err := h.try(f, patience)
			switch {
			case err != nil:
				return f.name, err
			case !strings.HasSuffix(reason, " to compile"):
				return f.name, fmt.Errorf("was not ended by a limit: %q after %v", reason, took)
			}
			reasons = append(reasons, reason)
		}
		return weighed(h, strings.Join(reasons, ", "), nil, 150)
	}}.held(t)
	if testing.Short() {
		return
	}
	without, err := attack{spec: hostSpec{Without: wasmhost.DefenceAdmission}, do: func(h *hostProcess) (string, error) {
		_, took, err := h.try(files[len(files)-1], patience)
		said, err := weighed(h, fmt.Sprintf("compiled in the host in %v", short(took)), err, 150)
		return said, err
	}}.outcome(t)
	if err == nil {
		t.Errorf("nothing is different without admission and a process of its own: %s", without)
	} else {
		without += ": " + err.Error()
	}
	faults.Row(t, "T23", with, without)
}

// TestAFileOf36BytesDoesNotEndTheHost declares 4 G locals.
func TestAFileOf36BytesDoesNotEndTheHost(t *testing.T) {
	body := sized(join([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f, i32}, endBlock))
	bytes := join([]byte("\x00asm\x01\x00\x00\x00"), section(1, []byte{1, 0x60, 0, 0}), section(3, []byte{1, 0}), section(10, join([]byte{1}, body)))
	file := write(t, "locals", bytes)
	attack{id: "T24", spec: hostSpec{}, without: wasmhost.DefenceAdmission, do: func(h *hostProcess) (string, error) {
		reason, took, err := h.try(file, patience)
		if err == nil && !strings.Contains(reason, "locals") {
			err = fmt.Errorf("refused otherwise: %q", reason)
		}
		return weighed(h, fmt.Sprintf("%d bytes refused in %v", len(bytes), short(took)), err, 50)
	}}.run(t)
}
