package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// This file is the process in which a stranger's plugin is compiled, and
// compilerprocess.go the one that starts it. Its standard input is the folder
// and the file, each after its length in eight bytes, big-endian, and then
// nothing until the other process ends it or is gone. It prints one line on
// standard output: the word compiled, or why not, of the file where it exits with
// exitRefused, of the cache where it exits with exitFailed.

// compileCommand is its name. Nobody types it: it is in no list.
const compileCommand = "compile"

// compiledWord is what the process prints that has compiled: whoever waits for
// it need not wait for its end, which takes longer than to compile a small
// plugin.
const compiledWord = "compiled"

// aheadOfTime tells the process that its file is yet to come.
const aheadOfTime = "ahead"

// warmUp compiles what nobody wants: the first file takes twice as long as the
// second.
func warmUp() {
	if file, ok := plugins.View("upper"); ok {
		_ = wasmhost.Compile(context.Background(), "", file)
	}
}

func newCompile(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    compileCommand + " BYTES DURATION [" + aheadOfTime + "]",
		Hidden: true,
		Args:   cobra.RangeArgs(2, 3),
		RunE: func(_ *cobra.Command, args []string) error {
			memory, errMemory := strconv.ParseInt(args[0], 10, 64)
			wall, errTime := time.ParseDuration(args[1])
			if err := errors.Join(errMemory, errTime); err != nil {
				return err
			}
			if err := limitThisProcess(memory, wall); err != nil {
				return a.notCompiled(exitRefused, errors.New("the compiler cannot be limited: "+err.Error()))
			}
			prepareMemory()
			if len(args) > 2 && args[2] == aheadOfTime {
				warmUp()
			}
			return a.compileStdin()
		},
	}
}

func (a *app) compileStdin() error {
	dir, err := readSized(a.in)
	if err != nil {
		return err // nothing came for this process
	}
	file, err := readSized(a.in)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, a.in)
		os.Exit(exitInterrupted) // whoever wanted it is gone
	}()
	err = wasmhost.Compile(context.Background(), string(dir), file)
	switch {
	case errors.Is(err, wasmhost.ErrNotKept):
		return a.notCompiled(exitFailed, err)
	case err != nil:
		return a.notCompiled(exitRefused, err)
	}
	a.print("%s", compiledWord)
	return nil
}

func (a *app) notCompiled(code int, err error) error {
	a.print("%s", printable(err.Error()))
	return &failure{code: code}
}

func readSized(in io.Reader) ([]byte, error) {
	var length uint64
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	file := make([]byte, length)
	_, err := io.ReadFull(in, file)
	return file, err
}
