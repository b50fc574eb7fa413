package wasmhost

import (
	"unicode"
	"unicode/utf8"
)

// output is a guest's standard output or standard error as lines for the
// log. What a terminal or a log reader could take for something else is
// escaped, so a guest can forge neither a line nor a colour.
type output struct {
	line func(text string)
	drop func(n int) bool // nil: no line is dropped
	rest []byte
}

// maxLine is the longest line that is logged whole; a longer one comes in
// pieces.
const maxLine = 4096

// write never fails, and never waits: a guest's output is not worth its
// connection.
func (o *output) write(p []byte, _ <-chan struct{}) (int, error) {
	for _, c := range p {
		switch {
		case c == '\n':
			o.flush(len(o.rest))
		case len(o.rest) == maxLine:
			o.flush(wholeRunes(o.rest))
			o.rest = append(o.rest, c)
		default:
			o.rest = append(o.rest, c)
		}
	}
	return len(p), nil
}

// flush logs the first n bytes of an unfinished line.
func (o *output) flush(n int) {
	if o.drop == nil || !o.drop(n) {
		o.line(escape(o.rest[:n]))
	}
	o.rest = append(o.rest[:0], o.rest[n:]...)
}

// wholeRunes returns how much of p is whole: without a rune that its end cuts.
func wholeRunes(p []byte) int {
	for n := len(p) - 1; n >= len(p)-utf8.UTFMax; n-- {
		if utf8.RuneStart(p[n]) && !utf8.FullRune(p[n:]) {
			return n
		}
	}
	return len(p)
}

// close logs a last line that has no end.
func (o *output) close() {
	if len(o.rest) > 0 {
		o.flush(len(o.rest))
	}
}

// escape returns text with all that is not printable as \xNN, a byte each.
func escape(text []byte) string {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 || !unicode.IsPrint(r) && r != '\t' {
			out = appendEscaped(out, text[:size])
		} else {
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return string(out)
}

func appendEscaped(out, bytes []byte) []byte {
	const hex = "0123456789abcdef"
	for _, c := range bytes {
		out = append(out, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return out
}
