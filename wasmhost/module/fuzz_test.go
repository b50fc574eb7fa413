package module

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestEveryPrefixIsRefusedOrAModule(t *testing.T) {
	for name, file := range map[string][]byte{
		"a handler": handler(), "instructions": checked(0x20, 0), "every section": every, "a named module": named(part(0, text("upper"))),
	} {
		ends := sectionEnds(file)
		for n := range file {
			m, err := Decode(file[:n])
			switch {
			case m != nil && !ends[n]:
				t.Errorf("%s: the first %d bytes are a module", name, n)
			case err != nil && !cutSentence(err.Error()):
				t.Errorf("%s: the first %d bytes: %v", name, n, err)
			}
		}
	}
}

// sectionEnds finds the offsets at which a file could have been complete.
func sectionEnds(file []byte) map[int]bool {
	d := &decoder{file: file, at: headerSize, end: len(file), m: &Module{}}
	ends := map[int]bool{headerSize: true}
	for d.at < d.end && d.err == nil {
		d.section()
		ends[d.at] = true
	}
	return ends
}

// cutSentence tells the sentences that explain a file which was cut.
func cutSentence(s string) bool {
	for _, part := range []string{"is empty", "ends in the middle", "but has no code section", "but a data section of length 0"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// Nothing that a file only claims may be allocated for.
func TestClaimsAreNotAllocated(t *testing.T) {
	claim := raw(0xff, 0xff, 0xff, 0xff, 0x0f)
	for id := SectionType; id <= SectionDataCount; id++ {
		claims := file(oneType, section(id, claim))
		if n := allocated(func() { Decode(claims) }); n > 64<<10 {
			t.Errorf("a %s that claims 4 G entries: %d bytes allocated", id, n)
		}
	}
	for _, c := range refused[:3] {
		if n := allocated(func() { Decode(c.file) }); n > 64<<10 {
			t.Errorf("%s: %d bytes allocated", c.name, n)
		}
	}
}

// A million entries of the least size cost no more than their decoded form.
func TestAllocationIsInProportion(t *testing.T) {
	const bytesPerByte = 64
	for _, f := range [][]byte{
		file(section(SectionData, leb(maxDatas), bytes.Repeat(raw(1, 0), maxDatas))),
		file(section(SectionElement, leb(maxElems), bytes.Repeat(raw(5, 0x70, 0), maxElems))),
		file(section(SectionType, leb(maxTypes), bytes.Repeat(raw(0x60, 0, 0), maxTypes))),
	} {
		if n := allocated(func() { Decode(f) }); n > uint64(len(f)*bytesPerByte) {
			t.Errorf("%d bytes allocated for a file of %d", n, len(f))
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func FuzzDecode(f *testing.F) {
	f.Add(every)
	f.Add(handler())
	f.Add(named(part(1, vec(cat(leb(0), text("f"))))))
	f.Add([]byte("(module)"))
	for _, c := range refused {
		if len(c.file) < 1000 {
			f.Add(c.file)
		}
	}
	for _, c := range lacking {
		f.Add(c.file)
	}
	f.Add(instructionsFile)
	for _, c := range invalid {
		f.Add(checked(c.code...))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Decode(file)
		if (m == nil) == (err == nil) {
			t.Fatalf("got %v and %v", m, err)
		}
		if err != nil {
			checkError(t, err, len(file))
			return
		}
		checkModule(t, m)
		if err := m.Check(Bounds{}); err != nil {
			checkError(t, err, len(file))
			return
		}
		checkInstructions(t, m)
	})
}

// checkError insists on a sentence that a terminal can show on a line.
func checkError(t *testing.T, err error, size int) {
	var e *Error
	if !errors.As(err, &e) || e.Offset < 0 || e.Offset > size {
		t.Fatalf("got %#v of a file of %d bytes", err, size)
	}
	if s := err.Error(); s == "" || strings.ContainsAny(s, "\x00\x1b\n\r") {
		t.Fatalf("got the sentence %q", s)
	}
}

// checkModule uses all that reads a decoded module.
func checkModule(t *testing.T, m *Module) {
	if len(m.Funcs) != len(m.Codes) || m.NumImportedFuncs()+len(m.Funcs) != m.NumFuncs() {
		t.Fatal("functions do not add up")
	}
	for i := range m.Codes {
		if _, ok := m.FuncType(uint32(m.NumImportedFuncs() + i)); !ok {
			t.Fatalf("function %d has no type", i)
		}
	}
	for _, e := range m.Exports {
		if m.DescribeExport(e) == "" {
			t.Fatalf("export %q is of nothing", e.Name)
		}
	}
	m.Summary()
	if kind, err := m.Kind(); (kind == Neither) == (err == nil) {
		t.Fatalf("got %v and %v", kind, err)
	}
}

// checkInstructions insists that those of a checked body are all of it.
func checkInstructions(t *testing.T, m *Module) {
	for i, c := range m.Codes {
		var all []byte
		r := c.Reader()
		for in := r.Next(); in != nil; in = r.Next() {
			all = append(all, in.Raw...)
		}
		if r.Err() != nil || !bytes.Equal(all, c.Body) {
			t.Fatalf("the instructions of body %d are % x, stopped by %v; want % x", i, all, r.Err(), c.Body)
		}
	}
}

// Of a long file one bit of each byte is enough.
func TestEveryBitCanBeWrong(t *testing.T) {
	for _, file := range [][]byte{every, checked(0x20, 0), instructionsFile} {
		for at := headerSize; at < len(file); at++ {
			for bit := range 8 {
				if len(file) > 1000 && bit != at%8 {
					continue
				}
				mutant := bytes.Clone(file)
				mutant[at] ^= 1 << bit
				if m, err := Admit(mutant, Bounds{}); err != nil {
					checkError(t, err, len(mutant))
				} else {
					checkInstructions(t, m)
				}
			}
		}
	}
}
