package meter

import (
	"github.com/sandsock/sandsock/wasmhost/module"
	"github.com/sandsock/sandsock/wasmhost/steps"
)

// section is one section of the new module; left out where it is empty.
type section struct {
	id      module.SectionID
	content code
}

func (s section) appendTo(file []byte) []byte { return appendSection(file, s.id, s.content) }

// appendSection appends a section whose content is in parts.
func appendSection(file []byte, id module.SectionID, parts ...code) []byte {
	size := sum(parts)
	if size == 0 {
		return file
	}
	out := append(code(file), byte(id))
	out.u32(uint32(size))
	for _, part := range parts {
		out = steps.Append(out, part)
	}
	return out
}

func sum(parts []code) (bytes int) {
	for _, part := range parts {
		bytes += len(part)
	}
	return bytes
}

func (r *rewriter) typeSection() (c code) {
	c.u32(uint32(len(r.types)))
	for _, t := range r.types {
		c.op(0x60)
		c.valueTypes(t.Params)
		c.valueTypes(t.Results)
	}
	return c
}

func (c *code) valueTypes(types []module.ValueType) {
	c.u32(uint32(len(types)))
	for _, t := range types {
		c.op(byte(t))
	}
}

func (r *rewriter) importSection() (c code) {
	c.u32(uint32(len(r.m.Imports) + 1))
	for _, i := range r.m.Imports {
		c.text(i.Module)
		c.text(i.Name)
		c.op(byte(i.Kind))
		switch i.Kind {
		case module.ExternFunc:
			c.u32(i.Type)
		case module.ExternTable:
			c.op(byte(i.Table.Elem))
			c.limits(i.Table.Limits)
		case module.ExternMemory:
			c.limits(i.Memory.Limits)
		case module.ExternGlobal:
			c.globalType(i.Global)
		}
	}
	c.text(Module)
	c.text(Tick)
	c.op(byte(module.ExternFunc))
	c.u32(r.tickType)
	return c
}

func (c *code) limits(l module.Limits) {
	if !l.HasMax {
		c.op(0)
		c.u32(l.Min)
		return
	}
	c.op(1)
	c.u32(l.Min)
	c.u32(l.Max)
}

func (c *code) globalType(t module.GlobalType) {
	c.op(byte(t.Value))
	if t.Mutable {
		c.op(1)
	} else {
		c.op(0)
	}
}

func (r *rewriter) functionSection() (c code) {
	c.u32(uint32(len(r.m.Funcs) + len(r.helpers)))
	for _, t := range r.m.Funcs {
		c.u32(t)
	}
	for _, h := range r.helpers {
		c.u32(h.typ)
	}
	return c
}

// tableSection lowers what the tables may grow to: what is allowed beyond
// their beginnings is shared between them evenly.
func (r *rewriter) tableSection() (c code) {
	tables := r.m.Tables
	if len(tables) == 0 {
		return nil
	}
	if r.table != nil {
		return r.table.table()
	}
	room := r.o.TableEntries
	for _, t := range tables {
		room -= int(t.Min)
	}
	share := uint32(max(room, 0) / len(tables))
	c.u32(uint32(len(tables)))
	for _, t := range tables {
		if r.o.TableEntries > 0 && (!t.HasMax || t.Max > t.Min+share) {
			t.HasMax, t.Max = true, t.Min+share
		}
		c.op(byte(t.Elem))
		c.limits(t.Limits)
	}
	return c
}

func (r *rewriter) memorySection() (c code) {
	if len(r.m.Mems) == 0 {
		return nil
	}
	c.u32(uint32(len(r.m.Mems)))
	for _, t := range r.m.Mems {
		c.limits(t.Limits)
	}
	return c
}

func (r *rewriter) globalSection() (c code) {
	injected := 2
	if r.snap.Dirty != "" {
		injected++
	}
	c.u32(uint32(len(r.m.Globals) + injected))
	for _, g := range r.m.Globals {
		c.globalType(g.Type)
		r.constant(&c, g.Init)
	}
	for range 2 {
		c.op(byte(module.I64), 1)
		c.i64(0)
		c.op(opEnd)
	}
	if r.snap.Dirty != "" {
		c.op(byte(module.I32), 1)
		c.i32(0)
		c.op(opEnd)
	}
	return c
}

// constant appends a constant expression.
func (r *rewriter) constant(c *code, e module.ConstExpr) {
	if e.Op != module.OpcodeRefFunc {
		*c = append(*c, e.Raw...)
		return
	}
	c.with(opRefFunc, r.function(uint32(e.Value)))
	c.op(opEnd)
}

func (r *rewriter) exportSection() (c code) {
	var more code
	count := r.exportSnapshot(&more)
	c.u32(uint32(len(r.m.Exports)+2) + count)
	for _, e := range r.m.Exports {
		if e.Kind == module.ExternFunc {
			e.Index = r.function(e.Index)
		}
		c.export(e)
	}
	c.export(module.Export{Name: r.fuelName, Kind: module.ExternGlobal, Index: r.fuel})
	c.export(module.Export{Name: r.stackName, Kind: module.ExternGlobal, Index: r.stack})
	return append(c, more...)
}

func (c *code) export(e module.Export) {
	c.text(e.Name)
	c.op(byte(e.Kind))
	c.u32(e.Index)
}

func (r *rewriter) startSection() (c code) {
	if r.m.HasStart && !r.snapshots() {
		c.u32(r.function(r.m.Start))
	}
	return c
}
