package main

import (
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
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
// what they sent, and against the version that served them; a neighbour goes on
// as ever; and in the end nothing is left.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test ./cmd/sandsock -run Soak -soak %v -soak-seed %d", *soakFor, seed)
	s := &soak{t: t, seed: seed, cache: t.TempDir()}
	spec := hostSpec{
		Limits: budget, Routes: []routeSpec{{Name: "echo", File: versionFile(0)}},
		Compile: &compileSpec{Memory: compileMemory, Wall: compileTime}, Cache: s.cache,
	}
	for name, f := range soakAttackers {
		spec.Routes = append(spec.Routes, routeSpec{Name: name, File: f.module()})
	}
	s.h = started(t, spec)
	beside := s.askBeside()
	base := s.inUse()
	base.Loaded++ // the version before the one that serves is kept
	s.phase(soakWarmUp)
	warm := s.leaves(base)
	s.phase(*soakFor)
	resident := s.leaves(base)
	beside.end()
	t.Logf("resident: %d MiB warm, %d MiB at the end", warm, resident)
	if resident*10 > warm*12+10*vesselsThatWait {
		t.Errorf("%d MiB are resident, and %d MiB were when warm", resident, warm)
	}
	if answer, ok := s.h.order(order{Close: true}, patience); !ok || answer.Refused != "" {
		t.Errorf("it does not close: %+v", answer)
	}
}

// soak is a run of it.
type soak struct {
	h     *hostProcess
	t     *testing.T
	seed  uint64
	next  uint64 // number of the next source of chance
	cache string // the host's folder
	echoVersions

	over chan struct{} // closed when the clients of a phase are to end
	all  sync.WaitGroup

	mu    sync.Mutex
	tally map[string]int // of a phase: connections by kind, bytes, harms
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

// phase has the clients and the nemesis at work for a time. The nemesis does
// everything once, and then what comes by chance.
func (s *soak) phase(long time.Duration) {
	s.over, s.tally = make(chan struct{}), map[string]int{}
	for range soakClients {
		random := s.random()
		s.all.Go(func() { s.client(random) })
	}
	random, until := s.random(), time.Now().Add(long)
	for _, n := range nemeses {
		s.strike(n, random)
	}
	for time.Now().Before(until) && s.h.alive() {
		s.strike(nemeses[random.IntN(len(nemeses))], random)
		s.pause(time.Second)
	}
	close(s.over)
	s.all.Wait()
	s.t.Logf("%v", s.tally)
}

// pause waits and reports whether the phase goes on.
func (s *soak) pause(d time.Duration) bool {
	select {
	case <-s.over:
		return false
	case <-time.After(d):
		return true
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
		if now.Goroutines <= base.Goroutines && now.Descriptors <= base.Descriptors && now.Open <= base.Open && now.Loaded <= base.Loaded {
			return s.h.status("VmRSS")
		}
		if time.Now().After(late) {
			s.t.Fatalf("left over: %+v, at the start %+v", now, base)
		}
	}
}
