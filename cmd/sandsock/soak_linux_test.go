package main

import (
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/plugins"
)

var (
	soakFor  = flag.Duration("soak", 4*time.Second, "how long TestSoak goes on")
	soakSeed = flag.Uint64("soak-seed", 0, "what TestSoak's nemesis goes by; 0: another each time")
)

const (
	soakClients = 200
	soakWarmUp  = 2 * time.Second

	// vesselsThatWait is what 256 instances of one page have written at most, in
	// MiB. They wait for the next connection with what the last one wrote, and
	// how many do is decided by chance.
	vesselsThatWait = 16
)

// TestSoak has clients of all kinds talk to a handler, and meanwhile a nemesis
// do harm, another each second. The clients hold what they receive against
// what they sent; a neighbour goes on as ever; and in the end nothing is left.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test ./cmd/sandsock -run Soak -soak %v -soak-seed %d", *soakFor, seed)
	upper, _ := plugins.Open("upper")
	spec := hostSpec{Limits: budget, Routes: []routeSpec{{Name: "upper", File: upper}}}
	for name, f := range soakAttackers {
		spec.Routes = append(spec.Routes, routeSpec{Name: name, File: f.module()})
	}
	h, refused := startHost(t, spec)
	if refused != "" {
		t.Fatal(refused)
	}
	s := &soak{h: h, t: t, seed: seed}
	base := s.inUse()
	s.phase(soakWarmUp)
	warm := s.leaves(base)
	s.phase(*soakFor)
	resident := s.leaves(base)
	t.Logf("resident: %d MiB warm, %d MiB at the end", warm, resident)
	if resident*10 > warm*12+10*vesselsThatWait {
		t.Errorf("%d MiB are resident, and %d MiB were when warm", resident, warm)
	}
	check(t, h.close())
}

// soak is a run of it. What follows t is of one phase.
type soak struct {
	h    *hostProcess
	t    *testing.T
	seed uint64
	next uint64 // number of the next source of chance

	over chan struct{} // closed when clients are to end
	all  sync.WaitGroup

	mu    sync.Mutex
	tally map[string]int  // connections by kind, bytes
	times []time.Duration // the neighbour's, and its goroutine's
}

// random is a source of chance for one goroutine.
func (s *soak) random() *rand.Rand {
	s.next++
	return rand.New(rand.NewPCG(s.seed, s.next))
}

func (s *soak) count(what string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally[what] += n
}

// phase has the clients, the neighbour and the nemesis at work for a time. The
// nemesis does everything once, and then what comes by chance.
func (s *soak) phase(long time.Duration) {
	s.over, s.tally, s.times = make(chan struct{}), map[string]int{}, nil
	for range soakClients {
		random := s.random()
		s.all.Go(func() { s.client(random) })
	}
	s.all.Go(s.neighbour)
	random, until := s.random(), time.Now().Add(long)
	for _, n := range nemeses {
		s.strike(n, random)
	}
	for time.Now().Before(until) && s.h.alive() {
		s.strike(nemeses[random.IntN(len(nemeses))], random)
		s.pause(time.Second)
	}
	s.end()
}

// end ends the clients and judges how the neighbour fared.
func (s *soak) end() {
	close(s.over)
	s.all.Wait()
	slices.Sort(s.times)
	p99 := s.times[len(s.times)*99/100]
	s.t.Logf("%v; the neighbour's p99 of %d: %v", s.tally, len(s.times), short(p99))
	if p99 > neighbourAnswers {
		s.t.Errorf("the neighbour's p99 is %v", p99)
	}
}

// pause waits and reports whether the soak goes on.
func (s *soak) pause(d time.Duration) bool {
	select {
	case <-s.over:
		return false
	case <-time.After(d):
		return true
	}
}

// neighbour is one connection that is asked all the time.
func (s *soak) neighbour() {
	c, err := s.dial("neighbour")
	if err != nil {
		s.t.Error(err)
		return
	}
	defer c.Close()
	for s.pause(2 * time.Millisecond) {
		_ = c.SetDeadline(time.Now().Add(patience))
		began := time.Now()
		if err := exchange(c); err != nil {
			s.t.Errorf("the neighbour: %v", err)
			return
		}
		s.times = append(s.times, time.Since(began))
	}
}

func (s *soak) strike(n nemesis, random *rand.Rand) {
	s.count(n.id, 1)
	if err := n.do(s, random); err != nil {
		s.t.Errorf("%s: %v", n.id, err)
	}
}

// inUse is what the host uses.
func (s *soak) inUse() resourcesInUse {
	answer, ok := s.h.order(order{Measure: true}, patience)
	if !ok {
		s.t.Fatalf("the host does not answer: %s", s.h.stderr.String())
	}
	return answer.In
}

// leaves fails where the host is left with more than it began with, and
// returns how much memory is resident, in MiB.
func (s *soak) leaves(base resourcesInUse) int {
	late := time.Now().Add(patience)
	for {
		now := s.inUse()
		if now.Goroutines <= base.Goroutines && now.Descriptors <= base.Descriptors && now.Open == 0 {
			return s.h.status("VmRSS")
		}
		if time.Now().After(late) {
			s.t.Fatalf("left over: %+v, at the start %+v", now, base)
		}
	}
}
