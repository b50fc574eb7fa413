package module

import (
	"fmt"
	"slices"
	"strings"
)

// A FuncType is what a function takes and gives (types, section "function
// types").
type FuncType struct {
	Params  []ValueType
	Results []ValueType
}

// String returns the type as the host's messages print it: (i32, i32) -> i32,
// () -> ().
func (t FuncType) String() string {
	results := tuple(t.Results)
	if len(t.Results) == 1 {
		results = t.Results[0].String()
	}
	return tuple(t.Params) + " -> " + results
}

// Equal reports whether two types are the same.
func (t FuncType) Equal(u FuncType) bool {
	return slices.Equal(t.Params, u.Params) && slices.Equal(t.Results, u.Results)
}

func tuple(types []ValueType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	return "(" + strings.Join(names, ", ") + ")"
}

const funcTypeByte = 0x60

// laterForms are the first bytes of types that are not functions' plain ones.
var laterForms = map[byte]string{
	0x4e: "garbage collection", 0x4f: "garbage collection", 0x50: "garbage collection",
	0x5e: "garbage collection", 0x5f: "garbage collection", 0x5d: "stack switching",
}

// types reads the type section (modules, section "type section").
func (d *decoder) types() {
	d.m.Types = vector(d, list{"types", 3, maxTypes}, d.funcType)
}

func (d *decoder) funcType() FuncType {
	from := d.at
	form := d.byte()
	if feature, ok := laterForms[form]; ok {
		d.lacks(from, feature, fmt.Sprintf("type form %#02x", form))
	}
	if d.err == nil && form != funcTypeByte {
		d.fail(from, "has a type that starts with %#02x; a function type starts with 0x60", form)
	}
	return FuncType{
		Params:  vector(d, list{"parameters", 1, maxParams}, d.valueType),
		Results: vector(d, list{"results", 1, maxResults}, d.valueType),
	}
}
