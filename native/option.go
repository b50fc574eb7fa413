//go:build linux || darwin || freebsd || windows

package native

import (
	"bytes"
	"encoding/binary"
	"syscall"

	"github.com/sandsock/sandsock/core"
)

// sizes is how many bytes a value to set has, where that is fixed.
var sizes = map[core.OptionKind]int{
	core.OptionInt:    4,
	core.OptionLinger: 8,
	core.OptionMreq:   8,
	core.OptionMreq6:  20,
}

// SetSockOpt is setsockopt(2) for the options of core.Options. A value that is
// too short is EINVAL; an option this system does not have is ENOPROTOOPT.
func (s *socket) SetSockOpt(level, option int, value []byte) error {
	o, ok := core.FindOption(level, option)
	switch {
	case !ok || !o.Set:
		return s.closedOr(core.ENOPROTOOPT)
	case len(value) < sizes[o.Kind]:
		return s.closedOr(core.EINVAL)
	}
	if size := sizes[o.Kind]; size > 0 {
		value = value[:size] // Linux reads more from a longer one
	}
	return s.control(func(fd int) error { return setOption(fd, o, value) })
}

// GetSockOpt is getsockopt(2) for the options of core.Options.
func (s *socket) GetSockOpt(level, option int, value []byte) (int, error) {
	o, ok := core.FindOption(level, option)
	if !ok || !o.Get {
		return 0, s.closedOr(core.ENOPROTOOPT)
	}
	var full []byte
	err := s.control(func(fd int) (err error) {
		full, err = getOption(s, fd, o)
		return err
	})
	if err != nil {
		return 0, err
	}
	full = contractValue(o, full)
	copy(value, full)
	return len(full), nil
}

// contractValue changes the two values that are not the system's: SO_ERROR is
// a guest's number, and a text has no terminator.
func contractValue(o core.Option, full []byte) []byte {
	switch {
	case o.Level == core.SOL_SOCKET && o.Option == core.SO_ERROR && len(full) >= 4:
		pending := syscall.Errno(binary.LittleEndian.Uint32(full))
		return appendInt(nil, int(coreErrno(orNil(pending))))
	case o.Kind == core.OptionText:
		text, _, _ := bytes.Cut(full, []byte{0})
		return text
	}
	return full
}

func appendInt(b []byte, value int) []byte {
	return binary.LittleEndian.AppendUint32(b, uint32(int32(value)))
}

func orNil(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
