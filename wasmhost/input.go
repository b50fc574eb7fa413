package wasmhost

import (
	"io"

	"github.com/sandsock/sandsock/core"
)

// input lets a guest read a stream of the host's such that the read can be
// canceled: a goroutine reads ahead, one buffer at a time, and the guest
// takes what has come. A nil input is at its end.
//
// The goroutine ends with its stream, or at the first byte after close: a
// read of a terminal cannot be taken back.
type input struct {
	filled chan []byte // what came; closed at the end
	wanted chan struct{}
	closed chan struct{}
	rest   []byte // owner's: not yet taken
	asked  bool   // owner's: a read is under way
}

const inputSize = 4096

func newInput(r io.Reader) *input {
	in := &input{
		filled: make(chan []byte),
		wanted: make(chan struct{}),
		closed: make(chan struct{}),
	}
	go in.fill(r)
	return in
}

func (in *input) fill(r io.Reader) {
	defer close(in.filled)
	buf := make([]byte, inputSize)
	for {
		select {
		case <-in.wanted:
		case <-in.closed:
			return
		}
		n, err := 0, error(nil)
		for n == 0 && err == nil {
			n, err = r.Read(buf)
		}
		if n > 0 {
			select {
			case in.filled <- buf[:n]:
			case <-in.closed:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// ask begins a read unless something is there already, and returns the
// channel that will bring it; nil where there is no need to wait.
func (in *input) ask() <-chan []byte {
	if in == nil || len(in.rest) > 0 {
		return nil
	}
	if !in.asked {
		select {
		case in.wanted <- struct{}{}:
			in.asked = true
		case _, open := <-in.filled:
			if !open {
				return nil
			}
		}
	}
	return in.filled
}

// take remembers what ask's channel brought.
func (in *input) take(p []byte) {
	in.rest, in.asked = p, false
}

// read waits for input and returns it, 0 at the end.
func (in *input) read(p []byte, done <-chan struct{}) (int, error) {
	if filled := in.ask(); filled != nil {
		select {
		case rest := <-filled:
			in.take(rest)
		case <-done:
			return 0, core.ECANCELED
		}
	}
	if in == nil {
		return 0, nil
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

func (in *input) close() {
	if in != nil {
		close(in.closed)
	}
}
