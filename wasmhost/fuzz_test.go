package wasmhost

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// impatient is a network in which nothing waits, so that a fuzzed guest
// cannot make the test wait: every socket is non-blocking whatever it is told.
type impatient struct{ core.Network }

type impatientSocket struct{ core.Socket }

func hurry(s core.Socket, err error) (core.Socket, error) {
	if err != nil {
		return nil, err
	}
	return impatientSocket{s}, s.SetTimeout(core.NonBlocking)
}

func (n impatient) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	return hurry(n.Network.Socket(family, typ, proto))
}

func (n impatient) Poll(ctx context.Context, list []core.PollFd, _ time.Duration) (int, error) {
	inner := make([]core.PollFd, len(list))
	for i, entry := range list {
		if s, ok := entry.Socket.(impatientSocket); ok {
			entry.Socket = s.Socket
		}
		inner[i] = entry
	}
	ready, err := n.Network.Poll(ctx, inner, core.NonBlocking)
	for i := range list {
		list[i].Revents = inner[i].Revents
	}
	return ready, err
}

func (s impatientSocket) SetTimeout(time.Duration) error { return nil }
func (s impatientSocket) SetBlocking(bool) error         { return nil }

// FuzzHostCalls makes a guest call whatever the input says, with whatever
// parameters and memory: no call may panic, wait, or return what is no result
// of its kind. The input is the guest's memory, and then a byte for the
// function and eight for each parameter.
func FuzzHostCalls(f *testing.F) {
	f.Add([]byte("127.0.0.1:6565"), []byte{0, 0, 0, 0, 0, 0, 0, 0, 3})
	f.Add([]byte("localhost:0"), []byte("\x05\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00"))
	functions := hostFunctions()
	for i := range functions {
		f.Add([]byte("[::1]:1"), append([]byte{byte(i)}, make([]byte, 8*len(functions[i].params))...))
	}
	f.Fuzz(func(t *testing.T, memory, script []byte) {
		fixture := newFixture(t, func(c *Config) { c.Network = impatient{&memnet.Network{}} })
		d := fixture.newDriver(fuzzGrants(t))
		d.memory.Write(textAt, memory[:min(len(memory), guestEnd-textAt)])
		for calls := 0; len(script) > 0 && calls < 64; calls++ {
			function := functions[int(script[0])%len(functions)]
			var params []uint64
			params, script = takeParams(script[1:], len(function.params))
			if !d.survives(function, params) {
				return
			}
		}
	})
}

func fuzzGrants(t *testing.T) (all core.Grants) {
	for use := core.UseConnect; use <= core.UseResolve; use++ {
		all = append(all, grant(t, use, "*")...)
	}
	return append(all, grant(t, core.UseListen, "0.0.0.0", "::")...)
}

// takeParams takes n parameters off the script; what it lacks is zero. Small
// numbers, which are descriptors and flags, are as likely as any.
func takeParams(script []byte, n int) (params []uint64, rest []byte) {
	for range n {
		var raw [8]byte
		script = script[copy(raw[:], script):]
		value := binary.LittleEndian.Uint64(raw[:])
		if raw[7]&1 == 0 {
			value = uint64(raw[0])
		}
		params = append(params, value)
	}
	return params, script
}

// survives makes one call, and reports whether the guest goes on.
func (d *driver) survives(f function, params []uint64) bool {
	results, err := d.module.ExportedFunction(f.name).Call(d.instance, params...)
	if err != nil {
		var exit exitError
		if f.name != "proc_exit" || !errors.As(ending(err), &exit) {
			d.t.Fatalf("%s%v: %v", f.name, params, err)
		}
		return false
	}
	if f.results[0] == f64 {
		return true
	}
	result := int32(uint32(results[0]))
	if f.module == wasiModule {
		result = -result
	}
	if result < 0 && core.Errno(-result).Info().Errno != core.Errno(-result) {
		d.t.Fatalf("%s%v = %d, which is no error number of the contract", f.name, params, result)
	}
	return true
}
