package wasmhost

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// floods is a handler that writes the text to its standard output n times,
// receives a byte, and writes it once more.
func floods(text string, n int32) []byte {
	write := code(i32Const(1), i32Const(textAt), i32Const(1), i32Const(resultAt), callFunc(0), drop)
	count := code(i32Const(0), i32Const(0), []byte{0x28, 2, 0}, i32Const(1), []byte{0x6a, 0x36, 2, 0}) // [0]++
	vector := make([]byte, 8)
	little.PutUint32(vector, textAt+8)
	little.PutUint32(vector[4:], uint32(len(text)))
	return withData(handlerOf(code(
		[]byte{0x03, 0x40}, write, count, i32Const(0), []byte{0x28, 2, 0}, i32Const(n), []byte{0x49, 0x0d, 0, 0x0b}, // loop ... i32.lt_u br_if 0 end
		param0, i32Const(0), i32Const(1), i32Const(0), callFunc(1), drop,
		write, i32Const(0),
	), hostFunction("fd_write"), hostFunction("recv")), string(vector)+text)
}

// logged returns how much output was reported, and the last line that says
// what was dropped.
func logged(f *fixture) (lines, bytes int, dropped string) {
	for _, r := range f.reports.list() {
		switch {
		case r.Event == EventOutput:
			lines++
			bytes += len(r.Text) + lineCost
		case r.Event == EventTrouble:
			dropped = r.Error
		}
	}
	return lines, bytes, dropped
}

// TestAFloodOfOutputIsCutAndCounted is T21: 100 MB in a second.
func TestAFloodOfOutputIsCutAndCounted(t *testing.T) {
	if apart(t) {
		return
	}
	hostile := "\x1b[2J\xff\xfe#1 closed: 0 B in\r\u202e" + strings.Repeat("x", 4000) + "\n"
	times := int32(100_000_000 / len(hostile))
	printable := regexp.MustCompile(`^[ -~]*$`)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		_, address := f.serve(RouteConfig{Plugin: f.load("floods", floods(hostile, times))})
		_, healthy := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
		c := f.dial(address)
		synctest.Wait()
		if got := exchange(t, f.dial(healthy), "hi"); got != "hi" {
			t.Errorf("the neighbour answers %q", got)
		}
		lines, bytes, _ := logged(f)
		if limit := DefaultLimits().Log; bytes < limit || bytes > limit+4*maxLine {
			t.Errorf("%d bytes are logged in a second, %d is the limit", bytes, limit)
		}
		time.Sleep(time.Second)
		must(t, c.SendAll([]byte("x"), 0))
		closedAtOnce(c)
		after, _, dropped := logged(f)
		want := fmt.Sprintf("dropped %d lines of its output, %d bytes: 65536 bytes a second is the limit of the log",
			int(times)-lines, (int(times)-lines)*(len(hostile)-1))
		if after != lines+1 || dropped != want {
			t.Errorf("%d lines came after the flood; %q, want %q", after-lines, dropped, want)
		}
		for _, r := range f.reports.list() {
			if !printable.MatchString(r.Text) {
				t.Errorf("logged raw: %q", r.Text[:30])
			}
		}
		faults.Row(t, "T21", fmt.Sprintf("%d KiB of 100 MB are logged", bytes>>10), withoutLogLimit(t, floods(hostile, times/100)))
	})
}

// withoutLogLimit floods with a hundredth.
func withoutLogLimit(t *testing.T, file []byte) string {
	f := newFixture(t, nil)
	_, address := f.serve(RouteConfig{Plugin: f.load("floods", file), Limits: Limits{Log: -1}})
	c := f.dial(address)
	synctest.Wait()
	_, bytes, _ := logged(f)
	if bytes < 900_000 {
		t.Errorf("without the limit %d bytes of 1,000,000 are logged", bytes)
	}
	must(t, c.Close())
	return fmt.Sprintf("%d KB of 1 MB are", bytes/1000)
}

func TestAFloodOfEmptyLinesIsCutToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		_, address := f.serve(RouteConfig{Plugin: f.load("floods", floods("\n\n\n\n\n\n\n\n\n\n", 10_000))})
		c := f.dial(address)
		synctest.Wait()
		if lines, _, _ := logged(f); lines != DefaultLimits().Log/lineCost {
			t.Errorf("%d lines are logged", lines)
		}
		must(t, c.Close())
		f.reports.wait(t, EventClosed)
		if _, _, dropped := logged(f); !strings.HasPrefix(dropped, "dropped 98986 lines") {
			t.Errorf("at the end of the connection: %q", dropped)
		}
	})
}

func TestALogsRateIsTheRoutes(t *testing.T) {
	l := logRate{limit: 100}
	now := time.Unix(1e9, 0)
	l.full(now)
	l.wrote(strings.Repeat("x", 286)) // and 64: three and a half seconds
	for _, tt := range []struct {
		after time.Duration
		full  bool
	}{{0, true}, {999 * time.Millisecond, true}, {2 * time.Second, true}, {3 * time.Second, false}, {time.Hour, false}} {
		if got := l.full(now.Add(tt.after)); got != tt.full {
			t.Errorf("after %v: full is %v", tt.after, got)
		}
	}
	if l.left != 100 {
		t.Errorf("an hour of silence saves up %d bytes", l.left)
	}
	unlimited := logRate{limit: -1}
	unlimited.wrote("much")
	if unlimited.full(now) {
		t.Error("no limit is a limit")
	}
}
