package meter

import (
	"fmt"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// TestNoFrameOfACallIndirectIsAboveItsEstimate has as many operands as there may
// be, and one function that takes them, or a hundred.
func TestNoFrameOfACallIndirectIsAboveItsEstimate(t *testing.T) {
	for _, of := range []module.ValueType{module.I32, module.F64, module.V128} {
		for _, functions := range []int{1, 100} {
			t.Run(fmt.Sprint(of, " ", functions), func(t *testing.T) {
				m := admitted(t, withOperands(of, mostParams, mostResults, functions))
				if newRewriter(m, Options{DispatchFrom: 1}).table == nil {
					t.Fatal("the table stays")
				}
				compareFrames(t, m)
			})
		}
	}
}

func TestATableOfFunctionsOfManyOperandsStays(t *testing.T) {
	for _, more := range [][2]int{{mostParams + 1, mostResults}, {mostParams, mostResults + 1}} {
		m := admitted(t, withOperands(module.I32, more[0], more[1], 1))
		if newRewriter(m, Options{DispatchFrom: 1}).table != nil {
			t.Errorf("%d parameters and %d results: it is dispatched", more[0], more[1])
		}
	}
}

// withOperands is a module with a table of functions of so many operands.
func withOperands(of module.ValueType, takes, gives, functions int) []byte {
	var types, funcs, table, elements, body, call, codes code
	params, results := repeated(of, takes), repeated(of, gives)
	types.op(2, 0x60)
	types.valueTypes(params)
	types.valueTypes(results)
	types.op(0x60)
	types.valueTypes(params)
	types.op(0)
	for i := range results {
		body.with(opLocalGet, uint32(i))
	}
	for i := range params {
		call.with(opLocalGet, uint32(i))
	}
	call.i32(0)
	call.op(opCallIndirect, 0, 0)
	for range results {
		call.op(opDrop)
	}
	funcs.u32(uint32(functions + 1))
	codes.u32(uint32(functions + 1))
	elements.op(1, 0, opI32Const, 0, opEnd)
	elements.u32(uint32(functions))
	for i := range functions {
		funcs.u32(0)
		codes.bytes(function(nil, body))
		elements.u32(uint32(i))
	}
	funcs.u32(1)
	codes.bytes(function(nil, call))
	table.op(1, byte(module.FuncRef), 0)
	table.u32(uint32(functions))
	file := append([]byte(nil), "\x00asm\x01\x00\x00\x00"...)
	for _, s := range []section{
		{module.SectionType, types}, {module.SectionFunction, funcs}, {module.SectionTable, table},
		{module.SectionElement, elements}, {module.SectionCode, codes},
	} {
		file = s.appendTo(file)
	}
	return file
}
