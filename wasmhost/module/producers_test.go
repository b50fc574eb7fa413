package module

import (
	"slices"
	"testing"
)

func TestLanguagesAreTheToolchainsWord(t *testing.T) {
	section := "\x02\x08language\x02\x02Go\x06go1.26\x03C11\x00\x0cprocessed-by\x01\x05clang\x0219"
	for _, tt := range []struct {
		name string
		data string
		want []string
	}{
		{"two languages", section, []string{"Go", "C11"}},
		{"cut short", section[:len(section)-1], nil},
		{"a count beyond the section", "\xff\xff\xff\xff\x0f", nil},
		{"empty", "", nil},
	} {
		m := &Module{Customs: []Custom{{Name: "producers", Data: []byte(tt.data)}}}
		if got := m.Languages(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := new(Module).Languages(); got != nil {
		t.Errorf("without the section: %q", got)
	}
}

func TestAGoFileWithAStartIsNoHandler(t *testing.T) {
	m := &Module{
		Exports: []Export{{Name: "_start"}, {Name: "handle"}},
		Customs: []Custom{{Name: "producers", Data: []byte("\x01\x08language\x01\x02Go\x06go1.26")}},
	}
	want := "exports _start too: Go calls its functions only in a file built with -buildmode=c-shared"
	if err := m.CheckHandler(); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
