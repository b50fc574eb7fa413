package wasmhost

import (
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// This file is the only one that turns a guest's pointer into memory, and the
// only one that knows how WebAssembly passes numbers: a pointer is checked
// here before a call does anything, and a slice of the memory never outlives
// the host call it was made for, since the guest may grow its memory after.

// little is WebAssembly's byte order.
var little = binary.LittleEndian

// args are a host call's parameters. The upper half of an i32's slot is
// garbage.
type args []uint64

func (a args) i32(i int) int32   { return int32(uint32(a[i])) }
func (a args) u32(i int) uint32  { return uint32(a[i]) }
func (a args) f64(i int) float64 { return math.Float64frombits(a[i]) }

const maxLength = 0x7fffffff // a longer one counts as this

// bytes returns the guest's memory from ptr on, for reading and writing.
func (g *instance) bytes(ptr, length uint32) ([]byte, error) {
	p, ok := g.memory.Read(ptr, min(length, maxLength))
	if !ok {
		return nil, core.EFAULT
	}
	return p, nil
}

// region is bytes for count entries of size bytes each.
func (g *instance) region(ptr, count, size uint32) ([]byte, error) {
	if uint64(count)*uint64(size) > maxLength {
		return nil, core.EFAULT
	}
	return g.bytes(ptr, count*size)
}

// text returns a copy of a guest's address or name: what is checked is what
// is used. One that is longer than any can be is tooLong, and not copied.
func (g *instance) text(ptr, length uint32, tooLong core.Errno) (string, error) {
	p, err := g.bytes(ptr, length)
	if err == nil && len(p) > maxText {
		err = tooLong
	}
	if err != nil {
		return "", err
	}
	return string(p), nil
}

// maxText is above the longest name, 253 bytes, with a port.
const maxText = 300

// result is where a call stores a text: a buffer that may be too small, or
// not wanted, which is pointer 0 with capacity 0.
func (g *instance) result(ptr, capacity uint32) ([]byte, error) {
	if ptr == 0 && capacity == 0 {
		return nil, nil
	}
	return g.bytes(ptr, capacity)
}

// addressResult is where accept and recvfrom store an address: the buffer and
// the place of its length, each of which may be unwanted.
type addressResult struct{ text, length []byte }

func (g *instance) addressResult(a args, first int) (r addressResult, err error) {
	if r.text, err = g.result(a.u32(first), a.u32(first+1)); err != nil {
		return r, err
	}
	if ptr := a.u32(first + 2); ptr != 0 {
		r.length, err = g.bytes(ptr, 4)
	}
	return r, err
}

func (r addressResult) store(address netip.AddrPort) {
	n := storeAddress(r.text, address)
	if r.length != nil {
		little.PutUint32(r.length, uint32(n))
	}
}

// storeAddress stores an address's text, cut to fit, and returns its full
// length.
func storeAddress(buf []byte, address netip.AddrPort) int {
	var room [64]byte
	text := core.AppendAddress(room[:0], address)
	copy(buf, text)
	return len(text)
}

// iovecs returns the buffers of a WASI scatter list, without the empty ones.
// The slice is the instance's own and good until the next call.
func (g *instance) iovecs(ptr, count uint32) ([][]byte, error) {
	list, err := g.region(ptr, count, 8)
	if err != nil {
		return nil, err
	}
	if count > maxIovecs {
		return nil, core.EINVAL
	}
	buffers := g.buffers[:0]
	for ; len(list) > 0; list = list[8:] {
		p, err := g.bytes(little.Uint32(list), little.Uint32(list[4:]))
		if err != nil {
			return nil, err
		}
		if len(p) > 0 {
			buffers = append(buffers, p)
		}
	}
	g.buffers = buffers
	return buffers, nil
}

const maxIovecs = 1024 // Linux's IOV_MAX

// storeStrings stores WASI's argument and environment lists: a pointer each,
// and the texts with a zero byte after each.
func (g *instance) storeStrings(list []string, pointers, buf uint32) error {
	table, err := g.region(pointers, uint32(len(list)), 4)
	if err != nil {
		return err
	}
	room, err := g.bytes(buf, stringsSize(list))
	if err != nil {
		return err
	}
	g.pay(len(room))
	for i, text := range list {
		little.PutUint32(table[4*i:], buf)
		n := copy(room, text)
		room[n] = 0
		room = room[n+1:]
		buf += uint32(n + 1)
	}
	return nil
}

func stringsSize(list []string) uint32 {
	size := 0
	for _, text := range list {
		size += len(text) + 1
	}
	return uint32(size)
}

// storeU32s stores two numbers, or neither where a place is out of range.
func (g *instance) storeU32s(ptr1, value1, ptr2, value2 uint32) error {
	_, err1 := g.bytes(ptr1, 4)
	_, err2 := g.bytes(ptr2, 4)
	if err1 != nil || err2 != nil {
		return core.EFAULT
	}
	g.memory.WriteUint32Le(ptr1, value1)
	g.memory.WriteUint32Le(ptr2, value2)
	return nil
}

func (g *instance) storeU64(ptr uint32, value uint64) error {
	if !g.memory.WriteUint64Le(ptr, value) {
		return core.EFAULT
	}
	return nil
}
