package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

//go:embed oracle.py
var oracleSource string

// errNoOracle is the error of a machine on which there is nothing to compare
// with. What CPython's sockets do elsewhere than on Linux is the system's.
var errNoOracle = errors.New("no oracle")

// newOracle starts this machine's python3, which runs every case by its own
// socket module.
func newOracle() (*world, error) {
	python, err := exec.LookPath("python3")
	switch {
	case runtime.GOOS != "linux":
		return nil, fmt.Errorf("%w: it is python3 on Linux, and this is %s", errNoOracle, runtime.GOOS)
	case err != nil:
		return nil, fmt.Errorf("%w: python3 is missing", errNoOracle)
	}
	r, stdin, stdout, err := newRemote()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	defer stdout.Close()
	command := exec.Command(python, "-I", "-c", oracleSource, fmt.Sprint(probe.Seconds()))
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, os.Stderr
	if err := command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting python3: %w", err), r.close())
	}
	stop := func() error {
		guard := time.AfterFunc(caseBound, func() { command.Process.Kill() })
		defer guard.Stop()
		return errors.Join(r.close(), command.Wait()) // it ends where its input does
	}
	return &world{name: "python3", run: r.run, close: stop}, nil
}
