package module

import "fmt"

// Error says what is wrong with a file: one lower-case sentence that a file's
// name goes in front of, such as "ends in the middle of the code section".
type Error struct {
	// Offset is the byte of the file where it was noticed. Zero means that a
	// place would tell the reader nothing: no entry of a module starts there.
	Offset int
	Reason string
}

// Error returns the reason, and the offset in the form disassemblers print.
func (e *Error) Error() string {
	if e.Offset == 0 {
		return e.Reason
	}
	return fmt.Sprintf("%s (at byte %#x)", e.Reason, e.Offset)
}

// maxQuoted bounds what an error repeats of a name that a file chose.
const maxQuoted = 64

// quoted makes a name safe to print on a terminal, and short.
func quoted(name string) string {
	if len(name) > maxQuoted {
		return fmt.Sprintf("%q...", name[:maxQuoted])
	}
	return fmt.Sprintf("%q", name)
}
