// Command sandsock runs network handlers in a sandbox and lends them real
// sockets. It is the one place that wires package native, which makes the
// system calls, to package wasmhost, which runs the plugins.
//
// One file holds one command; voice.go has the rules of what they all say.
package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

func main() {
	// As many as interrupts.go has a use for, so that none is lost.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, signals))
}

// app is what every command works with.
type app struct {
	*voice
	*interrupts
	args    []string // of the command line
	network core.Network
}

// leftOut are the defences that a test leaves out.
var leftOut wasmhost.Defences

// run is the whole command: its arguments without the program's name, and the
// signals that interrupt it. It returns the exit code, and nothing it began
// goes on but a read of stdin, which cannot be taken back.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	interrupts := watch(signals)
	defer interrupts.release()
	a := &app{voice: newVoice(stdin, stdout, stderr), interrupts: interrupts, args: args, network: native.Network{}}
	root := newRoot(a)
	root.SetArgs(numbersAreWords(args))
	return a.end(root.Execute())
}
