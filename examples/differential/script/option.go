package script

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// optionOf finds an option by its name, or by two numbers: 1:9999. One that is
// not in the contract is taken for a number.
func optionOf(text string) (core.Option, error) {
	for _, o := range core.Options {
		if o.Name == text {
			return o, nil
		}
	}
	level, option, _ := strings.Cut(text, ":")
	l, err1 := strconv.Atoi(level)
	o, err2 := strconv.Atoi(option)
	if err1 != nil || err2 != nil {
		return core.Option{}, malformed("no such option: " + text)
	}
	return core.Option{Level: l, Option: o}, nil
}

func setSockOpt(_ *Machine, s core.Socket, line statement) (string, error) {
	o, err := optionOf(line.arg(0))
	if err != nil {
		return "", err
	}
	value, err := valueOf(o, line.args[1:])
	if err != nil {
		return "", err
	}
	return done(s.SetSockOpt(o.Level, o.Option, value))
}

// valueOf lays out the words of a value as the option's kind has it. Bytes
// are what they are, whatever the kind.
func valueOf(o core.Option, words []string) ([]byte, error) {
	if len(words) == 1 && words[0][0] == '\'' {
		return bytesOf(words[0])
	}
	switch o.Kind {
	case core.OptionMreq, core.OptionMreq6:
		return membership(words)
	}
	return numbers(words)
}

func numbers(words []string) (value []byte, err error) {
	for _, word := range words {
		n, err := number(word)
		if err != nil {
			return nil, err
		}
		value = binary.LittleEndian.AppendUint32(value, uint32(n))
	}
	return value, nil
}

// membership is a group, and an address or the number of an interface.
func membership(words []string) (value []byte, err error) {
	for _, word := range words {
		if ip, err := netip.ParseAddr(word); err == nil {
			value = append(value, ip.AsSlice()...)
			continue
		}
		n, err := number(word)
		if err != nil {
			return nil, err
		}
		value = binary.LittleEndian.AppendUint32(value, uint32(n))
	}
	return value, nil
}

func getSockOpt(_ *Machine, s core.Socket, line statement) (string, error) {
	o, err := optionOf(line.arg(0))
	if err != nil {
		return "", err
	}
	value := make([]byte, 256)
	n, err := s.GetSockOpt(o.Level, o.Option, value)
	if err != nil {
		return "", err
	}
	return shownOption(o, value[:min(n, len(value))]), nil
}

func shownOption(o core.Option, value []byte) string {
	switch {
	case o.Kind == core.OptionText:
		return core.PyBytes(value)
	case o.Kind == core.OptionInfo:
		return "state " + strconv.Itoa(int(value[0]))
	case o.Name == "SO_ERROR":
		if e := core.Errno(word(value)); e != 0 {
			return strconv.Itoa(e.Info().Linux)
		}
	case o.Kind == core.OptionLinger:
		return strconv.Itoa(word(value)) + " " + strconv.Itoa(word(value[4:]))
	}
	return strconv.Itoa(word(value))
}

func word(value []byte) int { return int(int32(binary.LittleEndian.Uint32(value))) }
