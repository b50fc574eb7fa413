package module

import (
	"slices"
	"testing"
)

func part(id byte, content []byte) []byte { return cat(raw(id), leb(len(content)), content) }

func named(parts ...[]byte) []byte {
	return file(section(SectionType, vec(funcType("", ""))), section(SectionFunction, vec(raw(0), raw(0))),
		section(SectionCode, vec(empty, empty)),
		section(SectionCustom, append([][]byte{text("name")}, parts...)...))
}

func TestNamesOfFunctions(t *testing.T) {
	both := vec(cat(leb(0), text("main.upper")), cat(leb(1), text("main.handle")))
	m := decode(t, named(part(0, text("upper")), part(1, both), part(9, raw(1, 2, 3))))
	if m.Names.Module != "upper" || m.Names.Function(1) != "main.handle" || m.Names.Function(2) != "" {
		t.Errorf("got %+v", m.Names)
	}
}

func TestAMalformedNameSectionIsIgnored(t *testing.T) {
	for name, parts := range map[string][][]byte{
		"a part cut off":               {part(0, text("upper")), raw(1, 5)},
		"a part too large":             {part(0, append(text("upper"), 0))},
		"a name that is not UTF-8":     {part(0, text("\xff"))},
		"a function that is not there": {part(1, vec(cat(leb(2), text("f"))))},
		"functions in disorder":        {part(1, vec(cat(leb(1), text("f")), cat(leb(0), text("g"))))},
		"two names for a function":     {part(1, vec(cat(leb(1), text("f")), cat(leb(1), text("g"))))},
		"4 G names":                    {part(1, raw(0xff, 0xff, 0xff, 0xff, 0x0f))},
		"a number that is malformed":   {raw(0, 0x80, 0x80, 0x80, 0x80, 0x80)},
	} {
		m := decode(t, named(parts...))
		if m.Names.Module != "" || m.Names.Functions != nil || !m.HasCustom("name") {
			t.Errorf("%s: got %+v", name, m.Names)
		}
	}
}

func TestOnlyTheFirstNameSectionCounts(t *testing.T) {
	f := slices.Concat(named(part(0, text("first"))), section(SectionCustom, text("name"), part(0, text("second"))))
	if m := decode(t, f); m.Names.Module != "first" {
		t.Errorf("got %q", m.Names.Module)
	}
}
