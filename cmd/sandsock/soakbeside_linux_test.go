package main

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// beside is who is asked all the time that a soak takes, in turn: the host's
// neighbour, and a plain process that echoes, which shows what the machine
// itself does to whoever runs beside the soak.
type beside struct {
	t                *testing.T
	neighbour, plain asked
	over             chan struct{}
	all              sync.WaitGroup
}

// asked is one connection and how long its answers took.
type asked struct {
	net.Conn
	reply string // to "a"
	times []time.Duration
}

// plainTimes is how many times as long as that of the plain process an answer
// of the neighbour's may take where the machine is slow: both wait for the
// processor, and the host has more to do with it.
const plainTimes = 10

func (s *soak) askBeside() *beside {
	s.t.Helper()
	b := &beside{t: s.t, over: make(chan struct{})}
	b.neighbour = asked{Conn: s.h.dial(len(s.h.addresses) - 1), reply: "A"}
	b.plain = asked{Conn: dialPlain(s.t), reply: "a"}
	check(s.t, b.neighbour.ask()) // so that it is at work in what is measured at the start
	b.all.Go(b.askAll)
	return b
}

func (b *beside) askAll() {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, a := range []*asked{&b.neighbour, &b.plain} {
			if err := a.ask(); err != nil {
				b.t.Errorf("beside the soak: %v", err)
				return
			}
		}
		select {
		case <-tick.C:
		case <-b.over:
			return
		}
	}
}

func (a *asked) ask() error {
	_ = a.SetDeadline(time.Now().Add(patience))
	began := time.Now()
	got, err := exchangeWith(a, "a")
	if a.times = append(a.times, time.Since(began)); err == nil && got != a.reply {
		err = fmt.Errorf("the reply is %q, want %q", got, a.reply)
	}
	return err
}

func (a *asked) p99() time.Duration {
	slices.Sort(a.times)
	return a.times[len(a.times)*99/100]
}

// end judges how the neighbour fared.
func (b *beside) end() {
	close(b.over)
	b.all.Wait()
	p99, plain := b.neighbour.p99(), b.plain.p99()
	b.t.Logf("of %d answers the neighbour's p99 is %v, a plain process's %v", len(b.neighbour.times), short(p99), short(plain))
	if most := max(neighbourAnswers, plainTimes*plain); p99 > most {
		b.t.Errorf("the neighbour's p99 is %v, and %v is the bound", short(p99), short(most))
	}
}
