package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// The bits of a segment's flags (modules, sections "element section", "data
// section").
const (
	notActive = 1 << 0
	explicit  = 1 << 1
	exprs     = 1 << 2
)

func (r *rewriter) elementSection() (c code) {
	if r.table != nil {
		return r.table.elements(r)
	}
	if len(r.m.Elems) == 0 {
		return nil
	}
	c.u32(uint32(len(r.m.Elems)))
	for _, e := range r.m.Elems {
		r.element(&c, e)
	}
	return c
}

func (r *rewriter) element(c *code, e module.Elem) {
	c.u32(e.Flags)
	if e.Flags&notActive == 0 {
		if e.Flags&explicit != 0 {
			c.u32(e.Table)
		}
		r.constant(c, e.Offset)
	}
	if e.Flags&exprs == 0 {
		if e.Flags&(notActive|explicit) != 0 {
			c.op(0) // functions
		}
		c.u32(uint32(len(e.Funcs)))
		for _, f := range e.Funcs {
			c.u32(r.function(f))
		}
		return
	}
	if e.Flags&(notActive|explicit) != 0 {
		c.op(byte(e.Type))
	}
	c.u32(uint32(len(e.Exprs)))
	for _, x := range e.Exprs {
		r.constant(c, x)
	}
}

func (r *rewriter) dataCountSection() (c code) {
	if r.m.HasDataCount {
		c.u32(r.m.DataCount)
	}
	return c
}

func (r *rewriter) dataSection() (c code) {
	if len(r.m.Datas) == 0 || r.withoutData() {
		return nil
	}
	c.u32(uint32(len(r.m.Datas)))
	for _, d := range r.m.Datas {
		if r.snapshots() && d.Mode == module.Active {
			d.Init, d.Offset = nil, module.ConstExpr{Raw: []byte{opI32Const, 0, opEnd}}
		}
		c.u32(d.Flags)
		if d.Flags&notActive == 0 {
			if d.Flags&explicit != 0 {
				c.u32(d.Memory)
			}
			r.constant(&c, d.Offset)
		}
		c.bytes(d.Init)
	}
	return c
}

func (r *rewriter) dataSegments() int {
	if r.withoutData() {
		return 0
	}
	return len(r.m.Datas)
}

// withoutData leaves all data out where no instruction can refer to it: each
// segment costs an instance room.
func (r *rewriter) withoutData() bool { return r.snapshots() && !r.m.HasDataCount }

// nameSection keeps the functions' names, by which traps are told; those of
// injected functions are said where the module has names at all.
func (r *rewriter) nameSection() (c code) {
	names := r.m.Names
	if len(names.Functions) == 0 {
		return nil
	}
	c.text("name")
	if names.Module != "" {
		var part code
		part.text(names.Module)
		c.op(0)
		c.bytes(part)
	}
	var part code
	part.u32(uint32(len(names.Functions) + len(r.helpers)))
	for _, f := range names.Functions {
		part.u32(r.function(f.Index))
		part.text(f.Name)
	}
	for i, h := range r.helpers {
		part.u32(r.firstHelper() + uint32(i))
		part.text(h.name)
	}
	c.op(1)
	c.bytes(part)
	return c
}
