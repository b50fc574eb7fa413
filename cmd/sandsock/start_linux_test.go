package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/bench"
)

func init() {
	children["listener"] = func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		fmt.Println(l.Addr())
		for {
			if c, err := l.Accept(); err == nil {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}
		}
	}
}

// starts are the times of starts: until a server says that it serves, until a
// client that connected then has its answer, and what the processor did.
type starts struct{ serving, answer, processor []time.Duration }

func (s *starts) once(b *testing.B, cmd *exec.Cmd, name, reply string, address func(line string) string) {
	b.Helper()
	cmd.Env = append(os.Environ(), child+"="+name)
	began := time.Now()
	p, err := bench.Start(name, cmd, address)
	check(b, err)
	s.serving = append(s.serving, time.Since(began))
	c, err := net.DialTimeout("tcp", p.Address, patience)
	check(b, err)
	check(b, c.SetDeadline(time.Now().Add(patience)))
	_, err = c.Write([]byte("a"))
	check(b, err)
	got := make([]byte, 1)
	_, err = io.ReadFull(c, got)
	check(b, err)
	s.answer = append(s.answer, time.Since(began))
	s.processor = append(s.processor, p.Processor())
	if string(got) != reply {
		b.Fatalf("the answer is %q", got)
	}
	check(b, c.Close())
	check(b, p.End())
}

func (s *starts) report(b *testing.B, name string) {
	for unit, all := range map[string][]time.Duration{"serving": s.serving, "answer": s.answer, "processor": s.processor} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2])/1e6, name+"-"+unit+"-ms")
	}
}

// BenchmarkStart reports the medians of how long `sandsock serve` takes from
// the start of its process, with an empty cache and with one that has the
// handler, and in turn with it those of a plain Go process that listens.
func BenchmarkStart(b *testing.B) {
	file := upperFile(b)
	for name, handler := range map[string]string{"upper": "upper", "file": file, "upper-go": "upper-go"} {
		for _, cold := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/cold=%v", name, cold), func(b *testing.B) {
				var native, sandbox starts
				dir := b.TempDir()
				start := func(s *starts) {
					s.once(b, exec.Command("/proc/self/exe", "serve", handler, "--listen", "127.0.0.1:0", "--json", "--cache", dir), "command", "A", servedAt)
				}
				if !cold {
					start(&starts{})
				}
				for b.Loop() {
					native.once(b, exec.Command("/proc/self/exe"), "listener", "a", strings.TrimSpace)
					start(&sandbox)
					if cold {
						b.StopTimer()
						check(b, os.RemoveAll(dir))
						b.StartTimer()
					}
				}
				native.report(b, "native")
				sandbox.report(b, "sandbox")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
