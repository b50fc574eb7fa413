package module

import "fmt"

// ValueType is the type of a value, by its byte (types, section "value
// types").
type ValueType byte

// The value types of the specification's version 2.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

var valueTypeNames = map[ValueType]string{
	I32: "i32", I64: "i64", F32: "f32", F64: "f64", V128: "v128", FuncRef: "funcref", ExternRef: "externref",
}

// String returns the name of the text format: i32.
func (t ValueType) String() string {
	if name, ok := valueTypeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("type %#02x", byte(t))
}

// IsRef reports whether t is a reference type.
func (t ValueType) IsRef() bool { return t == FuncRef || t == ExternRef }

func (t ValueType) known() bool {
	return I32 >= t && t >= V128 || t.IsRef()
}

// laterTypes are the value types of the specification's version 3 and of
// proposals, by feature.
var laterTypes = map[byte]string{
	0x63: "typed references", 0x64: "typed references",
	0x68: "stack switching", 0x75: "stack switching",
	0x69: "exception handling", 0x74: "exception handling",
	0x6a: "garbage collection", 0x6b: "garbage collection", 0x6c: "garbage collection",
	0x6d: "garbage collection", 0x6e: "garbage collection", 0x71: "garbage collection",
	0x72: "garbage collection", 0x73: "garbage collection",
}

func (d *decoder) valueType() ValueType {
	from := d.at
	b := d.byte()
	if d.err != nil || ValueType(b).known() {
		return ValueType(b)
	}
	if feature, ok := laterTypes[b]; ok {
		d.lacks(from, feature, fmt.Sprintf("value type %#02x", b))
	}
	d.fail(from, "has an unknown value type, %#02x", b)
	return 0
}

func (d *decoder) refType() ValueType {
	from := d.at
	t := d.valueType()
	if d.err == nil && !t.IsRef() {
		d.fail(from, "has %s where a reference type is needed", t)
	}
	return t
}
