// Command notes runs the pages of the study notes, "Network Programming
// socket", over real sockets:
//
//	go run ./examples/notes            the pages, in the notes' order
//	go run ./examples/notes recv       one of them
//	go run ./examples/notes bind recv  several, each under its name
//
// The same command is a sandboxed program when it is built for one:
//
//	GOOS=wasip1 GOARCH=wasm go build -o notes.wasm ./examples/notes
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/sandsock/sandsock/core"
)

func main() { os.Exit(run(os.Args[1:], network, os.Stdout, os.Stderr)) }

// run shows the pages of those names and returns the exit code: 0 well, 1
// where a page failed, 2 for a name that no page has.
func run(names []string, network core.Network, out, talk io.Writer) int {
	if len(names) == 0 {
		list(out)
		return 0
	}
	for _, name := range names {
		p, ok := find(name)
		if !ok {
			fmt.Fprintf(talk, "there is no page %q\nall pages: go run ./examples/notes\n", name)
			return 2
		}
		if len(names) > 1 {
			fmt.Fprintln(out, "==", name)
		}
		if err := p.show(network, out); err != nil {
			fmt.Fprintln(talk, core.PyError(err))
			return 1
		}
	}
	return 0
}

func list(out io.Writer) {
	for _, p := range pages {
		fmt.Fprintf(out, "%-14s examples/notes/%s\n", p.name, p.folder())
	}
	fmt.Fprintln(out, "next: go run ./examples/notes", pages[0].name)
}
