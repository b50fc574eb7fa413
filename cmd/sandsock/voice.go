package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/sandsock/sandsock/core"
)

// How the command speaks:
//
//   - Standard output is data, standard error is talk.
//   - Lower case, no final period, no names of Go's.
//   - A verdict is a glyph and a word: ✔ well, ✘ not.
//   - The eight ANSI colours, only on a terminal, and none where NO_COLOR is set.
//   - --json wherever a program might read: one object a line.
//   - A screen ends with what to do next, and so does an error.
//   - What a stranger's file or peer wrote is escaped before it is printed.
//   - The exit code is one of those in failure.go.

// voice is the three streams and what they can show.
type voice struct {
	in     io.Reader
	out    *output // data
	talk   io.Writer
	onOut  paint
	onTalk paint
}

func newVoice(in io.Reader, out, talk io.Writer) *voice {
	return &voice{
		in: in, out: &output{Writer: out}, talk: talk,
		onOut: paint(hasColour(out)), onTalk: paint(hasColour(talk)),
	}
}

// hasColour follows https://no-color.org.
func hasColour(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// output remembers the first write that failed, so that a full disk is no
// success.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// paint gives text a colour, where it is true.
type paint bool

func (p paint) with(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) good(text string) string { return p.with("32", "✔") + " " + text }
func (p paint) bad(text string) string  { return p.with("31", "✘") + " " + text }
func (p paint) name(text string) string { return p.with("36", text) }

// say writes one line of talk.
func (v *voice) say(format string, args ...any) {
	fmt.Fprintf(v.talk, format+"\n", args...)
}

// print writes one line of data.
func (v *voice) print(format string, args ...any) {
	fmt.Fprintf(v.out, format+"\n", args...)
}

// next says what to do now.
func (v *voice) next(command, what string) {
	if what != "" {
		what = "   " + what
	}
	v.say("next: %s%s", v.onTalk.name(command), what)
}

// printable returns text that a stranger chose as one short line without
// control characters.
func printable(text string) string {
	const longest = 100
	more := ""
	if len(text) > longest {
		text, more = text[:longest], "..."
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + more
}

// pythonText returns an error of a socket call as Python prints it. Where a
// system has no such calls, the error itself says what to use instead.
func pythonText(err error) string {
	if _, plain := err.(core.Errno); !plain && core.AsErrno(err) == core.ENOTSUP {
		return err.Error()
	}
	return core.PyError(err)
}

// plural returns a count with its noun: 1 call, 2 calls.
func plural[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(int64(n), 10) + " " + noun + "s"
}

// size returns a number of bytes: 12 B, 1.5 kB, 2.6 MB.
func size[N int | int64](n N) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(int64(n), 10) + " B"
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// milliseconds returns a duration: 0.04 ms, 3.1 ms, 2.5 s.
func milliseconds(d time.Duration) string {
	switch {
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%.2f ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
