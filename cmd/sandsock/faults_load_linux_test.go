package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// damaged are what may become of a file: cut anywhere, with a bit of any byte
// flipped, and bytes that never were one.
func damaged(file []byte) (files [][]byte) {
	for n := range file {
		files = append(files, file[:n])
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range file {
		flipped := bytes.Clone(file)
		flipped[i] ^= 1 << random.IntN(8)
		files = append(files, flipped)
	}
	for range 1000 {
		noise := bytes.Clone(file[:8]) // behind the header, or it would be all that is looked at
		for range random.IntN(100) {
			noise = append(noise, byte(random.Uint32()))
		}
		files = append(files, noise)
	}
	return files
}

// TestADamagedFileIsRefusedOrLoaded is what fuzzing does at length, in package
// module and for the whole of loading.
func TestADamagedFileIsRefusedOrLoaded(t *testing.T) {
	files := damaged(traps().module())
	attack{id: "T25", spec: attackedBy(handler(returns0)), always: "decoding itself is what must not fail", do: func(h *hostProcess) (string, error) {
		answer, ok := h.order(order{Load: files}, patience)
		said := fmt.Sprintf("%d files in %v", len(files), short(answer.Took))
		switch {
		case !ok:
			return said, errors.New("the host does not come to an end with them")
		case answer.Refused != "":
			return said, errors.New(answer.Refused)
		}
		return said, nil
	}}.run(t)
}
