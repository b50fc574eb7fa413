package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// slow is a file that no host would admit, and that takes the engine's compiler
// a minute.
func slow() []byte { return bombNamed("a chain of ifs over locals").at(10_000, 1) }

func bombNamed(name string) bomb {
	for _, b := range bombs {
		if b.name == name {
			return b
		}
	}
	panic("no bomb " + name)
}

func TestACompilerSaysInOneSentenceWhatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		file   []byte
		memory int64
		wall   time.Duration
		want   string // its beginning
	}{
		{"a good file", fixtures["good.wasm"].module(), 1 << 30, patience, ""},
		{"no module", []byte("\x00asm\x01\x00\x00\x00\x01"), 1 << 30, patience, "is not valid: "},
		{"too slow", slow(), 2 << 30, 300 * time.Millisecond, "took more than 300ms to compile"},
		{"too large", bombNamed("locals").at(100_000_000, 1), 512 << 20, 3 * time.Minute, "needed more than 512 MiB to compile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := compiler{memory: tt.memory, wall: tt.wall}
			got := textOf(c.compile(context.Background(), t.TempDir(), tt.file))
			if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("the error is %q, want %q", got, tt.want)
			}
		})
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestACompilerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	others := len(childrenOf(os.Getpid()))
	go func() {
		for len(childrenOf(os.Getpid())) <= others && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // the kernel tells nobody
		}
		cancel(errInterrupted)
	}()
	c := compiler{memory: compileMemory, wall: time.Hour}
	began := time.Now()
	if err := c.compile(ctx, t.TempDir(), slow()); err != errInterrupted {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("it took %v", took)
	}
}

// TestASpareCompilerIsThereBeforeItsFile: one that has died meanwhile is
// replaced, and none is left at the end.
func TestASpareCompilerIsThereBeforeItsFile(t *testing.T) {
	s := &spareCompiler{compiler: compiler{memory: compileMemory, wall: patience}}
	defer s.close()
	file := fixtures["good.wasm"].module()
	s.keep()
	for _, dies := range []bool{false, true, false} {
		s.starting.Wait()
		ready := s.spare
		if ready == nil || ready.gone() {
			t.Fatal("there is none")
		}
		if dies {
			check(t, ready.cmd.Process.Kill())
			<-ready.said
		}
		check(t, s.compile(context.Background(), t.TempDir(), file))
		if !ready.gone() || dies == (ready.line == compiledWord) {
			t.Errorf("the spare one says %q, and was to die: %v", ready.line, dies)
		}
	}
	s.starting.Wait()
	last := s.spare
	s.close()
	if !last.gone() || s.spare != nil {
		t.Error("one is left")
	}
	check(t, s.compile(context.Background(), t.TempDir(), file))
	if s.starting.Wait(); s.spare != nil {
		t.Error("one is started after the end")
	}
}

// TestACompilerThatIsKilledSaysNothingOfItsFile: another compiles it, into a
// folder where nothing of the first is left, and when that is killed as well,
// none.
func TestACompilerThatIsKilledSaysNothingOfItsFile(t *testing.T) {
	c := compiler{memory: compileMemory, wall: patience}
	killed := func() *compilerProcess {
		p, err := c.start(true)
		check(t, err)
		check(t, p.cmd.Process.Kill())
		return p
	}
	dir := t.TempDir()
	check(t, os.MkdirAll(filepath.Join(dir, "wazero-x", "half"), 0o700))
	check(t, c.compileIn(t.Context(), killed(), dir, fixtures["good.wasm"].module()))
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() == "wazero-x" {
		t.Errorf("in the folder is %v, %v", left, err)
	}
	first := killed()
	<-first.said
	others := childrenOf(os.Getpid())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			for _, pid := range childrenOf(os.Getpid()) {
				if id, err := strconv.Atoi(pid); err == nil && !slices.Contains(others, pid) {
					_ = syscall.Kill(id, syscall.SIGKILL)
				}
			}
			time.Sleep(time.Millisecond) // the kernel tells nobody
		}
	}()
	if err := c.compileIn(ctx, first, t.TempDir(), slow()); textOf(err) != "crashed the compiler" {
		t.Errorf("the error is %v", err)
	}
}

// TestWhoWasUpgradedCompilesAsBefore puts another program in the place of one
// that serves.
func TestWhoWasUpgradedCompilesAsBefore(t *testing.T) {
	this, err := os.ReadFile("/proc/self/exe")
	check(t, err)
	program, file := filepath.Join(t.TempDir(), "sandsock"), filepath.Join(t.TempDir(), "mine.wasm")
	check(t, os.WriteFile(program, this, 0o755))
	check(t, os.WriteFile(file, marked("0"), 0o666))
	h := startProgram(t, program, "command", file, "--listen", "127.0.0.1:0")
	h.serves(file)
	upgrade := program + ".new"
	check(t, os.WriteFile(upgrade, []byte("#!/bin/sh\nexit 3\n"), 0o755))
	check(t, os.Rename(upgrade, program))
	for i, mark := range []string{"1", "2", "3"} { // of which one process may have been there before
		rename(t, file, marked(mark))
		if r := h.seen(1, patience, func(r wasmhost.Report) bool {
			return r.Event == wasmhost.EventSwapped && r.Version == int64(i+2) || r.Event == wasmhost.EventRefused
		}); len(r) == 0 || r[0].Event != wasmhost.EventSwapped {
			t.Fatalf("the swap is %+v", r)
		}
	}
}

// TestACompilerEndsWithWhoeverStartedIt closes the pipe, as the kernel does for
// a process that was killed.
func TestACompilerEndsWithWhoeverStartedIt(t *testing.T) {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(executable, compileCommand, "2147483648", "1h")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{[]byte(t.TempDir()), slow()} {
		_ = binary.Write(stdin, binary.BigEndian, uint64(len(part)))
		_, _ = stdin.Write(part)
	}
	_ = stdin.Close()
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("it went on, to exit code %d", code)
	}
}

func TestNothingACompilerWroteReachesTheUserRaw(t *testing.T) {
	c := compiler{memory: 2 << 30, wall: time.Minute}
	for _, tt := range []struct {
		code         int
		line, stderr string
		want         string
	}{
		{exitRefused, "is not \x1b[31mvalid", "", `is not \x1b[31mvalid`},
		{2, "", "fatal error: runtime: out of memory\n\ngoroutine 1", "needed more than 2 GiB to compile"},
		{2, "", "SIGSEGV: segmentation violation\nPC=0x4359fd\n\ngoroutine 0 gp=0x1 m=4 [idle]:", "needed more than 2 GiB to compile"},
		{2, "", "panic: index out of range", "crashed the compiler"},
		{-1, "", "", "crashed the compiler"},
		{exitRefused, "", "", "crashed the compiler"},
	} {
		if got := c.explain(tt.code, tt.line, tt.stderr); got.Error() != tt.want || errors.Is(got, wasmhost.ErrNotKept) {
			t.Errorf("explain(%d, %q, %q) = %v", tt.code, tt.line, tt.stderr, got)
		}
	}
	if err := c.explain(exitFailed, "no space left", ""); !errors.Is(err, wasmhost.ErrNotKept) {
		t.Errorf("of the cache: %v", err)
	}
}

func TestOneLineOfACompilerIsHeard(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for said, want := range map[string]string{
		"": "", compiledWord + "\n": compiledWord, "is not valid\nsecond\n": "is not valid", "cut off": "cut off", long: long[:mostSaid],
	} {
		p := &compilerProcess{said: make(chan struct{}), ended: make(chan struct{})}
		out := strings.NewReader(said)
		p.listen(out)
		if <-p.ended; p.line != want || !p.gone() || out.Len() != 0 {
			t.Errorf("%.20q is heard as %.20q, and %d bytes are left", said, p.line, out.Len())
		}
	}
}

func TestOfWhatIsWrittenTheHeadIsKept(t *testing.T) {
	var h head
	n, err := io.Copy(&h, strings.NewReader(strings.Repeat("x", 100_000)))
	if n != 100_000 || err != nil || len(h.String()) != 16<<10 {
		t.Errorf("copied %d, %v, kept %d", n, err, len(h.String()))
	}
}
