package bench

import (
	"fmt"
	"slices"
	"time"
)

// Server is one of the servers that are compared.
type Server struct {
	Name    string
	Address string
	// Processor tells how much time of processors it has used; nil, or 0, where
	// nobody knows.
	Processor func() time.Duration
}

// Result is what one load came to, by server in the order they were given.
type Result struct {
	Load    string    `json:"load"`
	Servers []Figures `json:"servers"`
}

// Figures are a server's. Ratios are to the first server of the same round,
// whose own are 1: above it a server is faster.
type Figures struct {
	Server   string           `json:"server"`
	PerSec   float64          `json:"operations_per_second"` // median of the rounds
	Ratio    float64          `json:"ratio"`                 // median of the rounds
	Ratios   []float64        `json:"ratios"`                // by round
	P50, P99 time.Duration    `json:"-"`
	Micros   map[string]int64 `json:"latency_us"`
	// Processor is how much time of processors the server used for one
	// operation, a mean: what other work of the machine's changes least. 0 where
	// nobody knows.
	Processor       time.Duration `json:"-"`
	ProcessorMicros float64       `json:"processor_us_per_operation,omitempty"`
}

// Measure drives every server with a load, in turn, round after round.
func Measure(load Load, servers []Server, rounds int) (Result, error) {
	drivers := make([]driver, 0, len(servers))
	defer func() {
		for _, d := range drivers {
			d.end()
		}
	}()
	for _, s := range servers {
		d, err := load.begin(s.Address)
		if err != nil {
			return Result{}, fmt.Errorf("%s: %w", s.Name, err)
		}
		drivers = append(drivers, d)
	}
	seen := make([]sample, len(servers))
	for round := range rounds + 1 {
		for i, d := range drivers {
			took := make([]time.Duration, load.chunk)
			used, began := servers[i].used(), time.Now()
			if err := d.run(load.chunk, took); err != nil {
				return Result{}, fmt.Errorf("%s: %w", servers[i].Name, err)
			}
			if round > 0 { // the first is to warm up
				seen[i].add(took, time.Since(began), servers[i].used()-used)
			}
		}
	}
	return summarize(load.Name, servers, seen), nil
}

func (s Server) used() time.Duration {
	if s.Processor == nil {
		return 0
	}
	return s.Processor()
}

// sample is what was seen of one server.
type sample struct {
	latencies []time.Duration
	speeds    []float64 // by round
	used      time.Duration
}

func (s *sample) add(took []time.Duration, whole, used time.Duration) {
	s.latencies = append(s.latencies, took...)
	s.speeds = append(s.speeds, float64(len(took))/whole.Seconds())
	s.used += used
}

func summarize(load string, servers []Server, seen []sample) Result {
	r := Result{Load: load}
	for i, s := range seen {
		f := Figures{Server: servers[i].Name, PerSec: median(s.speeds)}
		for round, speed := range s.speeds {
			f.Ratios = append(f.Ratios, speed/seen[0].speeds[round])
		}
		f.Ratio = median(f.Ratios)
		slices.Sort(s.latencies)
		f.P50, f.P99 = at(s.latencies, 50), at(s.latencies, 99)
		f.Micros = map[string]int64{"p50": f.P50.Microseconds(), "p99": f.P99.Microseconds()}
		f.Processor = s.used / time.Duration(len(s.latencies))
		f.ProcessorMicros = float64(f.Processor.Nanoseconds()) / 1000
		r.Servers = append(r.Servers, f)
	}
	return r
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// at returns a percentile of sorted durations.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// Hold opens connections, each of which has exchanged one message, and calls
// measure while all are idle.
func Hold(s Server, count int, measure func()) error {
	conns, err := dial(s.Address, count)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	defer (&connections{conns: conns}).end()
	reply := make([]byte, 1)
	for _, conn := range conns {
		if err := exchange(conn, []byte("a"), reply); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	measure()
	return nil
}

// Does tells what a server does with what it is sent: it upper-cases, or else
// it echoes. The error says that it does neither.
func Does(s Server) (upper bool, err error) {
	conns, err := dial(s.Address, 1)
	if err != nil {
		return false, err
	}
	defer conns[0].Close()
	reply := make([]byte, 1)
	if err := exchange(conns[0], []byte("a"), reply); err != nil {
		return false, err
	}
	return reply[0] == 'A', nil
}
