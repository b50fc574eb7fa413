package wasmhost

import (
	"cmp"
	"errors"
	"time"
)

// Limits bound what one instance of a plugin may use, and what its route may
// hold at once. In each field zero is the default stated there, and a negative
// number means no limit.
type Limits struct {
	// Memory is the most linear memory, in bytes, rounded down to pages of 64
	// KiB. 64 MiB; there is always a limit, 4 GiB at most. A plugin that begins
	// with more than the host's is refused by Load, with more than its route's
	// by NewRoute.
	Memory int64

	// Stack is the most that calls in one another may take of the engine's
	// stack, in bytes. 1 MiB; there is always a limit.
	Stack int64

	// Fuel is how many instructions an instance may execute in total, as
	// package meter counts them. No limit.
	Fuel int64

	// FuelBetween is how many it may execute between two host calls.
	// 2,000,000,000, which takes one to two seconds.
	FuelBetween int64

	// Sockets is how many sockets may be open. 16.
	Sockets int

	// FirstByte is how long a connection may move no byte as long as none was
	// received. 30 s. Of streams' handlers only, as Idle is.
	FirstByte time.Duration

	// Idle is how long a connection may move no byte either way. 5 minutes.
	Idle time.Duration

	// Total is how long an instance may live. No limit. Times are checked now
	// and then: a stop may come late by a quarter, but not by more than 2 s.
	Total time.Duration

	// Received and Sent are how many bytes its sockets may move. No limit.
	Received, Sent int64

	// Drain is how long a connection may go on once its handler was swapped, or
	// its route drains. 10 minutes. What a datagram's handler does may take a
	// second, at most.
	Drain time.Duration

	// Log is how many bytes of output a route's handlers may write to the log in
	// one second; what is above is counted and dropped. A line counts 64 bytes
	// more than its text. 64 KiB.
	Log int

	// Connections is how many a stream's route may have at once; one above is
	// closed as it comes. 50,000.
	Connections int

	// PerAddress is how many of them may be from one address. No limit.
	PerAddress int
}

const (
	pageSize = 65536
	maxPages = 65536
	maxStack = 64 << 20
)

// or fills the fields that are zero from another set.
func (l Limits) or(d Limits) Limits {
	return Limits{
		Memory:      cmp.Or(l.Memory, d.Memory),
		Stack:       cmp.Or(l.Stack, d.Stack),
		Fuel:        cmp.Or(l.Fuel, d.Fuel),
		FuelBetween: cmp.Or(l.FuelBetween, d.FuelBetween),
		Sockets:     cmp.Or(l.Sockets, d.Sockets),
		FirstByte:   cmp.Or(l.FirstByte, d.FirstByte),
		Idle:        cmp.Or(l.Idle, d.Idle),
		Total:       cmp.Or(l.Total, d.Total),
		Received:    cmp.Or(l.Received, d.Received),
		Sent:        cmp.Or(l.Sent, d.Sent),
		Drain:       cmp.Or(l.Drain, d.Drain),
		Log:         cmp.Or(l.Log, d.Log),
		Connections: cmp.Or(l.Connections, d.Connections),
		PerAddress:  cmp.Or(l.PerAddress, d.PerAddress),
	}
}

// DefaultLimits are those of a field that is zero.
func DefaultLimits() Limits {
	return Limits{
		Memory:      64 << 20,
		Stack:       1 << 20,
		Fuel:        -1,
		FuelBetween: 2_000_000_000,
		Sockets:     16,
		FirstByte:   30 * time.Second,
		Idle:        5 * time.Minute,
		Total:       -1,
		Received:    -1,
		Sent:        -1,
		Drain:       10 * time.Minute,
		Log:         64 << 10,
		Connections: 50_000,
		PerAddress:  -1,
	}
}

// pages is what Memory comes to: all that a memory can have without
// [DefenceMemory].
func (l Limits) pages(without Defences) uint32 {
	if without.has(DefenceMemory) {
		return maxPages
	}
	return uint32(l.Memory / pageSize)
}

// check refuses limits that cannot be kept.
func (l Limits) check() error {
	switch {
	case l.Memory < 0 || l.Memory > 4<<30:
		return errors.New("wasmhost: Limits.Memory is not between 0 and 4 GiB")
	case l.Stack < 0 || l.Stack > maxStack:
		return errors.New("wasmhost: Limits.Stack is not between 0 and 64 MiB")
	}
	return nil
}
