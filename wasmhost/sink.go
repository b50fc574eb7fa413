package wasmhost

import (
	"io"

	"github.com/sandsock/sandsock/core"
)

// sink lets a program write to a stream of the host's such that the write can
// be canceled: a goroutine does it, one write at a time. A write that nobody
// reads then holds up that goroutine and not the host, until the stream is
// closed or read. A nil sink throws away.
type sink struct {
	w      io.Writer
	wrote  chan error
	begun  chan []byte // nil until the first write
	copied []byte
}

func newSink(w io.Writer) *sink {
	if w == nil {
		return nil
	}
	return &sink{w: w}
}

// write writes p, which stays the guest's: what a canceled write still does,
// it does with a copy.
func (s *sink) write(p []byte, done <-chan struct{}) (int, error) {
	if s == nil {
		return len(p), nil
	}
	if s.begun == nil {
		s.begun, s.wrote = make(chan []byte), make(chan error, 1)
		go s.work()
	}
	s.copied = append(s.copied[:0], p...)
	s.begun <- s.copied
	select {
	case err := <-s.wrote:
		if err != nil {
			return 0, core.EPIPE // whatever it was, nobody reads any more
		}
		return len(p), nil
	case <-done:
		return 0, core.ECANCELED
	}
}

func (s *sink) work() {
	for p := range s.begun {
		_, err := s.w.Write(p)
		s.wrote <- err
	}
}

func (s *sink) close() {
	if s != nil && s.begun != nil {
		close(s.begun)
	}
}
