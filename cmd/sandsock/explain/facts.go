package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// facts returns what core's tables know of the entry, in labelled rows.
func (e entry) facts() []string {
	switch e.kind {
	case Errno:
		if info, ok := findErrno(e.names[0]); ok {
			return slices.Concat(wrap("  ", commas(e.numberList(info))), []string{"  " + core.PyError(info.Errno)})
		}
	case Call:
		if call, ok := core.FindCall(e.names[0]); ok {
			return e.callFacts(call)
		}
	case Exception:
		return fact("errnos", commas(raising(e.names[0]))...)
	}
	return nil
}

// numberList is an error's number on each system that has one.
func (e entry) numberList(info core.ErrnoInfo) (items []string) {
	for _, system := range []struct {
		place  place
		number int
	}{{linux, info.Linux}, {macOS, info.Darwin}, {windows, info.Windows}, {guest, int(info.Errno)}} {
		if system.number == 0 {
			continue
		}
		item := string(system.place) + " " + strconv.Itoa(system.number)
		if names := windowsNames(e); system.place == windows && len(names) > 0 {
			item += " " + names[0]
		}
		items = append(items, item)
	}
	return items
}

func (e entry) callFacts(call core.Call) []string {
	var parameters []string
	for _, p := range call.Params {
		parameters = append(parameters, p.Name)
	}
	return slices.Concat(
		fact("returns", strings.Fields(e.keys["returns"])...),
		fact("errors", commas(e.list("errors"))...),
		fact("C", strings.Fields(e.keys["c"])...),
		fact("guest", call.Name+"("+strings.Join(parameters, ", ")+")"),
		fact("", append([]string{call.Signature() + ":"}, strings.Fields(call.Result)...)...),
	)
}

// raising returns the errors that Python raises as this class, with their
// numbers on Linux.
func raising(class string) (items []string) {
	for _, info := range core.Errnos {
		switch {
		case info.Exception != class:
		case info.Linux == 0:
			items = append(items, info.Name)
		default:
			items = append(items, info.Name+" "+strconv.Itoa(info.Linux))
		}
	}
	return items
}
