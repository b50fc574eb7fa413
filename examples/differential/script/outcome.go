package script

import (
	"fmt"
	"hash/crc32"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// An outcome is text: these are its forms.
const (
	none   = "None"
	blocks = "blocks"
	ended  = "end of stream"
)

// failed is the outcome of an error, by the class Python raises for it.
func failed(err error) string {
	switch err.(type) {
	case malformed, missing:
		return err.Error()
	}
	e := core.AsErrno(err)
	switch e {
	case core.ECANCELED:
		return blocks
	case core.ErrTimeout:
		return "TimeoutError timed out"
	}
	return e.Info().Exception + " " + strconv.Itoa(e.Info().Linux)
}

func done(err error) (string, error) { return none, err }

func yes(on bool) string {
	if on {
		return "True"
	}
	return "False"
}

// received shows what a receive of at most size bytes gave.
func received(s core.Socket, p []byte, size int) string {
	if len(p) == 0 && size > 0 && s.Type() == core.SOCK_STREAM {
		return ended
	}
	return shown(p)
}

// shown is bytes as Python prints them, or a sum of what is too long to read.
func shown(p []byte) string {
	if len(p) <= 40 {
		return core.PyBytes(p)
	}
	return fmt.Sprintf("%d bytes %08x", len(p), crc32.ChecksumIEEE(p))
}

// sent shows a count. How much of a long message a full buffer takes is the
// machine's affair.
func sent(n, of int) string {
	if n > 0 && n < of {
		return "a part"
	}
	return strconv.Itoa(n)
}

// shownAddress is Python's tuple with the port by its party's name.
func (m *Machine) shownAddress(typ core.Type, at netip.AddrPort) string {
	port := strconv.Itoa(int(at.Port()))
	name, known := m.ports[endpoint{typ, at.Port()}]
	switch {
	case known:
	case at.Port() >= 1024:
		name = "unknown port"
	default:
		name = port
	}
	return strings.Replace(core.PyAddress(at), "', "+port, "', "+name, 1)
}

func shownEvents(mask int16) string {
	var words []string
	for _, e := range events {
		if mask&e.bit != 0 {
			words = append(words, e.word)
		}
	}
	if words == nil {
		return "nothing"
	}
	return strings.Join(words, "|")
}
