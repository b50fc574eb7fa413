package wasmhost

import "time"

// burst keeps something that may happen thousands of times a second to a line
// in ten seconds. The zero value is ready.
type burst struct {
	said   time.Time
	unsaid int
}

const burstLine = 10 * time.Second

// add counts one more, and returns how many the line to say now stands for; 0
// where none is due.
func (b *burst) add(now time.Time) int {
	b.unsaid++
	if !b.said.IsZero() && now.Sub(b.said) < burstLine {
		return 0
	}
	b.said = now
	return b.rest()
}

// rest returns how many are not said yet, for a last line.
func (b *burst) rest() int {
	n := b.unsaid
	b.unsaid = 0
	return n
}
