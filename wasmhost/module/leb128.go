package module

// u32 reads an unsigned number of 32 bits in LEB128 (values, section
// "integers").
func (d *decoder) u32() uint32 {
	const bits = 32
	if d.at < d.end && d.file[d.at] < 0x80 && d.err == nil { // nearly always
		d.at++
		return uint32(d.file[d.at-1])
	}
	from := d.at
	var n uint32
	for shift := 0; shift < bits; shift += 7 {
		b := d.byte()
		if rest := bits - shift; rest < 7 && b&0x7f>>rest != 0 {
			d.fail(from, "has a number that does not fit into %d bits", bits)
		}
		n |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	d.tooLong(from, bits)
	return 0
}

// signed reads a signed number of 32, 33 or 64 bits in LEB128. Bits of the last
// byte beyond the number's must repeat its sign.
func (d *decoder) signed(bits int) int64 {
	if d.at < d.end && d.file[d.at] < 0x80 && d.err == nil { // mostly
		d.at++
		return int64(int8(d.file[d.at-1]<<1) >> 1)
	}
	from := d.at
	var n int64
	for shift := 0; shift < bits; shift += 7 {
		b := d.byte()
		sign := int8(b<<1) >> 1 // the seven bits, as a signed number
		if rest := bits - shift; rest < 7 && sign>>(rest-1) != 0 && sign>>(rest-1) != -1 {
			d.fail(from, "has a number that does not fit into %d bits", bits)
		}
		if b < 0x80 {
			return n | int64(sign)<<shift
		}
		n |= int64(b&0x7f) << shift
	}
	d.tooLong(from, bits)
	return 0
}

func (d *decoder) tooLong(from, bits int) {
	d.fail(from, "has a %d-bit number of more than %d bytes", bits, (bits+6)/7)
}
