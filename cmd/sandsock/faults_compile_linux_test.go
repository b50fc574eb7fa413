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
// the neighbour's client is one of its goroutines.
func written(t *testing.T, file func(b bomb) []byte) (files []bombFile) {
	t.Helper()
	for _, b := range bombs {
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
	attack{id: "T23", spec: hostSpec{Compile: &compileSpec{Memory: compileMemory, Wall: compileTime}}, do: func(h *hostProcess) (string, error) {
		var worst time.Duration
		for _, f := range files {
			reason, took, err := h.try(f, patience)
			switch {
			case err != nil:
				return f.name, err
			case reason == "":
				return f.name, errors.New("was not refused")
			case took > 3500*time.Millisecond:
				return f.name, fmt.Errorf("took %v to refuse", took)
			}
			worst = max(worst, took)
		}
		said := fmt.Sprintf("%d shapes, each refused in %v at most", len(files), short(worst))
		return weighed(h, said, nil, 150)
	}}.run(t)
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
	attack{id: "T23", spec: hostSpec{Compile: &compileSpec{Memory: compileMemory, Wall: 3 * time.Minute}}, do: func(h *hostProcess) (string, error) {
		var worst time.Duration
		for _, f := range files {
			reason, took, err := h.try(f, 4*time.Minute)
			if err == nil && reason != "" {
				err = errors.New(reason)
			}
			if err != nil {
				return f.name, err
			}
			t.Logf("%s: %v, the host has had %d MiB", f.name, short(took), h.highWater())
			worst = max(worst, took)
		}
		said := fmt.Sprintf("%d shapes, each compiled in %v at most", len(files), short(worst))
		return weighed(h, said, nil, hostMemoryOfALoad)
	}}.run(t)
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
	spec := hostSpec{Compile: &compileSpec{Memory: 512 << 20, Wall: 2 * time.Second, Bounds: module.Unbounded()}}
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
