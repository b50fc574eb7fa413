package spectest

import "slices"

// difference is commands whose outcome is another here, and why. They are run
// too: one that comes to agree must leave the list.
type difference struct {
	script string // version, then name
	lines  []int
	reason string
}

const (
	noTrap = "the engine makes an instance, without the segment, where one of elements does not fit its table; " +
		"version 2 says trap"
	keeps = "in version 2 the segments before the one that does not fit have been copied, and stay"
	later = "valid in version 2"
)

var differences = []difference{
	{"v1/elem", []int{143, 152, 161, 170, 178, 186, 195, 203, 212, 220, 229, 237}, noTrap},
	{"v1/linking", []int{207, 228, 345}, noTrap},
	{"v1/linking", []int{236, 248, 342, 354}, keeps},
	{"v1/func", []int{493, 497}, later + ": several results"},
	{"v1/type", []int{53, 57}, later + ": several results"},
	{"v1/unreached-invalid", []int{539}, later + ": any may follow what is not reached"},
	{"v1/imports", []int{318}, later + ": several tables"},
	{"v2/elem", []int{239, 248, 257, 266, 273, 281, 290, 298, 307, 315, 324, 332}, noTrap},
	{"v2/linking", []int{244, 267, 410}, noTrap},
}

// differs returns why a command's outcome is another here; empty where it is
// not.
func differs(script string, line int) string {
	for _, d := range differences {
		if d.script == script && slices.Contains(d.lines, line) {
			return d.reason
		}
	}
	return ""
}

// leftOut returns why a command is not run; empty where it is.
func leftOut(c *command) string {
	if c.ModuleType == "text" {
		return "the module is text, wrong in a way that the binary format cannot say"
	}
	return ""
}
