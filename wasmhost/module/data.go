package module

// A Data is a data segment, active or passive.
type Data struct {
	// Flags is the number from 0 to 2 that tells the form in the file.
	Flags  uint32
	Mode   SegmentMode
	Memory uint32    // of an active segment
	Offset ConstExpr // of an active segment, an i32
	Init   []byte
}

// The forms of data segments.
const (
	dataActive = iota
	dataPassive
	dataActiveMemory // with the index of its memory
)

// datas reads the data section (modules, section "data section").
func (d *decoder) datas() {
	d.m.Datas = vector(d, list{"data segments", 2, maxDatas}, d.data)
}

func (d *decoder) data() Data {
	from := d.at
	s := Data{Flags: d.u32()}
	switch s.Flags {
	case dataActive, dataActiveMemory:
		d.dataPlace(from, &s)
	case dataPassive:
		s.Mode = Passive
	default:
		d.fail(from, "has a data segment of an unknown form, %d", s.Flags)
	}
	s.Init = d.bytes(d.u32())
	return s
}

// dataPlace reads where an active segment goes.
func (d *decoder) dataPlace(from int, s *Data) {
	if s.Flags == dataActiveMemory {
		s.Memory = d.u32()
	}
	if _, ok := d.m.MemoryType(s.Memory); !ok {
		d.fail(from, "has a data segment of memory %d, but %s", s.Memory, only("memory", "memories", d.m.NumMems()))
	}
	s.Offset = d.constExpr(I32)
}

// dataCount reads the data count section (modules, section "data count
// section").
func (d *decoder) dataCount() {
	d.m.DataCount, d.m.HasDataCount = d.u32(), true
}
