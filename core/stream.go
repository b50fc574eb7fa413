package core

import "io"

// Stream returns s as an io.ReadWriteCloser, for code that speaks Go's
// interfaces: the end of the stream is io.EOF and a Write sends all it is
// given.
func Stream(s Socket) io.ReadWriteCloser { return stream{s} }

type stream struct{ Socket }

func (s stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := s.Recv(p, 0)
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, err
}

func (s stream) Write(p []byte) (int, error) {
	for sent := 0; ; {
		n, err := s.Send(p[sent:], 0)
		sent += n
		if err != nil || sent == len(p) {
			return sent, err
		}
	}
}
