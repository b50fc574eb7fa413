package script

import (
	"fmt"
	"hash/crc32"
	"net/netip"
	"strconv"

	"github.com/sandsock/sandsock/core"
)

func sizeAndFlags(line statement) (size, flags int, err error) {
	if size, err = number(line.arg(0)); err != nil {
		return 0, 0, err
	}
	if size < 0 {
		return 0, 0, malformed("a size below 0 cannot be expressed")
	}
	flags, err = flagsOf(line.arg(1))
	return size, flags, err
}

func recv(_ *Machine, s core.Socket, line statement) (string, error) {
	size, flags, err := sizeAndFlags(line)
	if err != nil {
		return "", err
	}
	p := make([]byte, size)
	n, err := s.Recv(p, flags)
	if err != nil {
		return "", err
	}
	return received(s, p[:n], size), nil
}

func recvFrom(m *Machine, s core.Socket, line statement) (string, error) {
	size, flags, err := sizeAndFlags(line)
	if err != nil {
		return "", err
	}
	p := make([]byte, size)
	n, from, err := s.RecvFrom(p, flags)
	if err != nil {
		return "", err
	}
	return received(s, p[:n], size) + ", " + m.sender(s, from), nil
}

func (m *Machine) sender(s core.Socket, from netip.AddrPort) string {
	if !from.IsValid() {
		return none
	}
	return m.shownAddress(s.Type(), from)
}

// drain receives until it has so many bytes, the end, or an error.
func drain(_ *Machine, s core.Socket, line statement) (string, error) {
	want, _, err := sizeAndFlags(line)
	if err != nil {
		return "", err
	}
	p, got, sum := make([]byte, 1<<16), 0, uint32(0)
	for got < want {
		n, err := s.Recv(p[:min(len(p), want-got)], 0)
		if err != nil {
			return fmt.Sprintf("%d bytes %08x, ", got, sum) + failed(err), nil
		}
		if n == 0 {
			return fmt.Sprintf("%d bytes %08x, ", got, sum) + ended, nil
		}
		got, sum = got+n, crc32.Update(sum, crc32.IEEETable, p[:n])
	}
	return fmt.Sprintf("%d bytes %08x", got, sum), nil
}

func dataAndFlags(line statement) (p []byte, flags int, err error) {
	if p, err = bytesOf(line.arg(0)); err != nil {
		return nil, 0, err
	}
	flags, err = flagsOf(line.arg(1))
	return p, flags, err
}

func send(_ *Machine, s core.Socket, line statement) (string, error) {
	p, flags, err := dataAndFlags(line)
	if err != nil {
		return "", err
	}
	n, err := s.Send(p, flags)
	return sent(n, len(p)), err
}

func sendAll(_ *Machine, s core.Socket, line statement) (string, error) {
	p, flags, err := dataAndFlags(line)
	if err != nil {
		return "", err
	}
	return done(s.SendAll(p, flags))
}

// sendTo is sendto DATA [FLAGS] ADDRESS.
func sendTo(m *Machine, s core.Socket, line statement) (string, error) {
	last := len(line.args) - 1
	if last < 1 {
		return "", malformed("sendto takes bytes and an address")
	}
	p, flags, err := dataAndFlags(statement{args: line.args[:last]})
	if err != nil {
		return "", err
	}
	at, err := m.address(s, line.arg(last))
	if err != nil {
		return "", err
	}
	n, err := s.SendTo(p, flags, at)
	return strconv.Itoa(n), err
}

// fill sends until an error comes, which is how a full buffer shows.
func fill(_ *Machine, s core.Socket, _ statement) (string, error) {
	for p := make([]byte, 1<<16); ; {
		if _, err := s.Send(p, 0); err != nil {
			return "", err
		}
	}
}

// empty receives until an error or the end comes, however much that is.
func empty(_ *Machine, s core.Socket, _ statement) (string, error) {
	for p := make([]byte, 1<<16); ; {
		n, err := s.Recv(p, 0)
		if err != nil {
			return "", err
		}
		if n == 0 {
			return ended, nil
		}
	}
}
