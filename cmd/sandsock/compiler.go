package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// compiler compiles files that are strangers' in a process of their own, this
// command run again, which can be ended and whose memory ends with it.
//
// Its memory is limited by the kernel on Linux and FreeBSD. On macOS, whose
// kernel does not keep that limit, and on Windows only the deadline holds, and
// what admission bounds.
type compiler struct {
	memory int64         // most, in bytes
	wall   time.Duration // most time
}

// What a compiler is given: more than any file takes that was admitted, as
// wasmhost/module/work.go states it.
const (
	compileMemory = 2 << 30
	compileTime   = 60 * time.Second
	compileCPUs   = 2
)

// compile compiles a file into a folder, in a process of its own.
func (c compiler) compile(ctx context.Context, dir string, file []byte) error {
	p, err := c.start(false)
	if err != nil {
		return err
	}
	return c.compileIn(ctx, p, dir, file)
}

// compileIn has a process compile its one file, and sees it to its end. One that
// is killed by somebody else, as where the whole system is short of memory, says
// nothing of the file, which has another.
func (c compiler) compileIn(ctx context.Context, p *compilerProcess, dir string, file []byte) error {
	limited, cancel := context.WithTimeout(ctx, c.wall)
	defer cancel()
	code := p.compile(limited, dir, file)
	if code < 0 && limited.Err() == nil {
		var err error
		if p, err = c.startAgain(dir); err != nil {
			return err
		}
		code = p.compile(limited, dir, file)
	}
	switch {
	case code == exitWell:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		return fmt.Errorf("took more than %v to compile", c.wall)
	}
	return c.explain(code, p.line, p.stderr.String())
}

// startAgain starts a process for a folder in which another was at work.
func (c compiler) startAgain(dir string) (*compilerProcess, error) {
	left, err := os.ReadDir(dir)
	for _, e := range left {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", wasmhost.ErrNotKept, systemText(err))
	}
	return c.start(false)
}

// explain says in one sentence what went wrong in the other process. Nothing
// that Go's runtime wrote there is passed on.
func (c compiler) explain(code int, line, stderr string) error {
	switch {
	case outOfMemory(stderr):
		return fmt.Errorf("needed more than %s to compile", gibibytes(c.memory))
	case code == exitRefused && line != "":
		return errors.New(printable(line))
	case code == exitFailed && line != "":
		line = strings.TrimPrefix(line, wasmhost.ErrNotKept.Error()+": ")
		return fmt.Errorf("%w: %s", wasmhost.ErrNotKept, printable(line))
	}
	return errors.New("crashed the compiler")
}

// outOfMemory knows the words of Go's runtime, and those of mmap(2). Where the
// runtime is refused memory for itself, or for a thread, it may also die of a
// signal on its own stack, goroutine 0: no error of the compiler brings it there.
func outOfMemory(stderr string) bool {
	for _, words := range []string{
		"out of memory", "cannot allocate memory", "cannot map pages", "failed to create new OS thread", "goroutine 0 ",
	} {
		if strings.Contains(stderr, words) {
			return true
		}
	}
	return false
}

func gibibytes(n int64) string {
	if n%(1<<30) == 0 {
		return strconv.FormatInt(n>>30, 10) + " GiB"
	}
	return strconv.FormatInt(n>>20, 10) + " MiB"
}
