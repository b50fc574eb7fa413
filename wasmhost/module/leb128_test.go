package module

import "testing"

func decoderOf(b ...byte) *decoder {
	return &decoder{file: b, end: len(b), part: "the test", m: &Module{}}
}

func TestUnsignedNumbers(t *testing.T) {
	for _, c := range []struct {
		bytes []byte
		want  uint32
		ok    bool
	}{
		{raw(0), 0, true},
		{raw(0x7f), 127, true},
		{raw(0x80, 1), 128, true},
		{raw(0x80, 0), 0, true}, // longer than need be, which is allowed
		{raw(0x80, 0x80, 0x80, 0x80, 0), 0, true},
		{raw(0xff, 0xff, 0xff, 0xff, 0x0f), 1<<32 - 1, true},
		{raw(0xff, 0xff, 0xff, 0xff, 0x10), 0, false},
		{raw(0x80, 0x80, 0x80, 0x80, 0x80, 0), 0, false},
		{raw(0x80), 0, false},
		{raw(), 0, false},
	} {
		d := decoderOf(c.bytes...)
		got := d.u32()
		if ok := d.err == nil; ok != c.ok || ok && (got != c.want || d.at != len(c.bytes)) {
			t.Errorf("% x: got %d, %v", c.bytes, got, d.err)
		}
	}
}

func TestSignedNumbers(t *testing.T) {
	long := raw(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80)
	for _, c := range []struct {
		bits  int
		bytes []byte
		want  int64
		ok    bool
	}{
		{32, raw(0x3f), 63, true},
		{32, raw(0x40), -64, true},
		{32, raw(0x7f), -1, true},
		{32, raw(0xff, 0), 127, true},
		{32, raw(0x80, 0x80, 0x80, 0x80, 0x78), -1 << 31, true},
		{32, raw(0xff, 0xff, 0xff, 0xff, 0x07), 1<<31 - 1, true},
		{32, raw(0xff, 0xff, 0xff, 0xff, 0x7f), -1, true},
		{32, raw(0xff, 0xff, 0xff, 0xff, 0x0f), 0, false},
		{32, raw(0x80, 0x80, 0x80, 0x80, 0x70), 0, false},
		{32, raw(0x80, 0x80, 0x80, 0x80, 0x80, 0), 0, false},
		{64, cat(long, raw(0x7f)), -1 << 63, true},
		{64, cat(long, raw(0)), 0, true},
		{64, cat(long, raw(1)), 0, false},
		{64, cat(long, raw(0x7e)), 0, false},
		{64, cat(long, raw(0x80, 0)), 0, false},
		{64, raw(0x80), 0, false},
	} {
		d := decoderOf(c.bytes...)
		got := d.signed(c.bits)
		if ok := d.err == nil; ok != c.ok || ok && (got != c.want || d.at != len(c.bytes)) {
			t.Errorf("%d bits, % x: got %d, %v", c.bits, c.bytes, got, d.err)
		}
	}
}
