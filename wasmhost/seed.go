package wasmhost

import (
	"math/rand/v2"
	"time"

	"github.com/sandsock/sandsock/core"
)

// seeded is what a guest has for chance and time where its run is to be the
// same each time: the same bytes of code and the same answers of its peers
// then use the same fuel. The zero of its clocks is a billion seconds after
// 1970; a unit of fuel takes a nanosecond, and a sleep what it asked for.
type seeded struct {
	random *rand.ChaCha8
	slept  time.Duration
}

func newSeeded(seed uint64) *seeded {
	var key [32]byte
	little.PutUint64(key[:], seed)
	return &seeded{random: rand.NewChaCha8(key)}
}

const seededStart = 1_000_000_000 * uint64(time.Second)

// seededNow is the time of a guest with a seed.
func (g *instance) seededNow(clock uint32) uint64 {
	passed := uint64(g.used()) + uint64(g.seeded.slept)
	if clock == clockRealtime {
		return seededStart + passed
	}
	return passed + 1
}

// quiet is how long a read of a guest with a seed waits for more. A peer's
// message may come in parts, by the moods of two machines; after it the peer
// waits for an answer, or is done.
const quiet = 20 * time.Millisecond

// wholeRead goes on with a read of a stream after its first n bytes, until the
// buffer is full, the stream ends, or nothing more comes for a while: so that
// the sizes of reads are the peer's and not the machine's.
func (g *instance) wholeRead(s core.Socket, buf []byte, n int) int {
	for n > 0 && n < len(buf) {
		ready := []core.PollFd{{Socket: s, Events: core.POLLIN}}
		if count, err := g.host.config.Network.Poll(g, ready, quiet); err != nil || count == 0 {
			break
		}
		more, err := s.Recv(buf[n:], core.MSG_DONTWAIT)
		if err != nil || more == 0 {
			break // an error comes again, and so does the end
		}
		n += more
	}
	return n
}

// wholeInput does the same with standard input, which has no quiet.
func (g *instance) wholeInput(p []byte) (int, error) {
	sum := 0
	for sum < len(p) {
		n, err := g.input.read(p[sum:], g.done)
		sum += n
		if err != nil || n == 0 {
			return sum, err
		}
	}
	return sum, nil
}
