package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// place is where a number is an error's: errno on a system, gaierror on one,
// or what a guest sees.
type place string

const (
	linux    place = "Linux"
	macOS    place = "macOS"
	windows  place = "Windows"
	macNames place = "gaierror on macOS"   // small numbers, which errno has as well
	winNames place = "gaierror on Windows" // some of them Winsock's own errors
	guest    place = "in a guest"
)

// order is how a page lists them.
var order = []place{linux, macOS, windows, macNames, winNames, guest}

// places holds what a number may be asked for with.
var places = map[string]place{
	"linux": linux, "macos": macOS, "mac": macOS, "darwin": macOS,
	"windows": windows, "winerror": windows, "guest": guest,
}

// sense is one meaning of a number.
type sense struct {
	place place
	errno core.ErrnoInfo
}

// senses returns every meaning of a number, in the order of the places.
func senses(n int) (found []sense) {
	for _, at := range order {
		for _, info := range core.Errnos {
			if n != 0 && numberAt(at, info) == n || secondNumber[n] == (numbered{at, info.Errno}) {
				found = append(found, sense{at, info})
			}
		}
	}
	return found
}

// numberAt returns an error's number at a place, 0 where it has none there.
func numberAt(at place, info core.ErrnoInfo) int {
	name := strings.HasPrefix(info.Name, "EAI_")
	switch {
	case at == linux:
		return info.Linux
	case at == macOS && !name, at == macNames && name:
		return info.Darwin
	case at == windows && !name, at == winNames && name:
		return info.Windows
	case at == guest:
		return int(info.Errno)
	}
	return 0
}

type numbered struct {
	place place
	errno core.Errno
}

// secondNumber holds what has two numbers in one place. macOS tells
// EOPNOTSUPP, 102, which its socket calls return, from ENOTSUP, 45.
var secondNumber = map[int]numbered{102: {macOS, core.ENOTSUP}}

// parseNumber finds the number, and the place where one is named, in 111,
// -2, guest 14, 14 in a guest, 61 on macOS, or a line with [Errno 111].
func parseNumber(word string) (n int, at place, ok bool) {
	fields := strings.FieldsFunc(strings.ToLower(word), func(c rune) bool {
		return c == ' ' || c == '[' || c == ']' || c == ':'
	})
	labelled, others := false, 0
	for _, field := range fields {
		number, err := strconv.Atoi(field)
		switch {
		case err == nil && !ok:
			n, ok = number, true
		case field == "errno":
			labelled = true
		case places[field] != "":
			labelled, at = labelled || field == "winerror", places[field]
		case field != "in" && field != "on" && field != "a":
			others++
		}
	}
	return n, at, ok && (labelled || others == 0)
}

// lookNumber returns the page of the error a number is, where all systems
// agree or the place is named; else a page of what it is where.
func lookNumber(n int, at place) (Page, bool) {
	if at == guest || n < -11 { // where glibc's EAI numbers end; a call returns minus the error
		n, at = max(n, -n), guest
	}
	main, rest := split(senses(n), at)
	errors := distinct(main)
	switch len(errors) {
	case 0:
		return Page{}, false
	case 1:
		if e, ok := pages().find(errors[0].Name); ok {
			return e.page(alsoNotes(n, errors[0], rest)), true
		}
		return Page{}, false
	}
	return Page{Word: strconv.Itoa(n), Kind: Number, Text: severalScreen(n, append(main, rest...), errors)}, true
}

// split parts the meanings a number is most likely asked for with from the
// rest: those of the place, where there is one, or else errno's, or else
// gaierror's, or else the guest's.
func split(all []sense, at place) (main, rest []sense) {
	if at != "" {
		main, _ = part(all, at)
		return main, nil
	}
	for _, places := range [][]place{{linux, macOS, windows}, {macNames, winNames}, {guest}} {
		if main, rest = part(all, places...); len(main) > 0 {
			break
		}
	}
	return main, rest
}

func part(all []sense, at ...place) (in, out []sense) {
	for _, s := range all {
		if slices.Contains(at, s.place) {
			in = append(in, s)
		} else {
			out = append(out, s)
		}
	}
	return in, out
}

func distinct(senses []sense) (errors []core.ErrnoInfo) {
	for _, s := range senses {
		if !slices.Contains(errors, s.errno) {
			errors = append(errors, s.errno)
		}
	}
	return errors
}

// alsoNotes says what else a number is, its own error aside.
func alsoNotes(n int, own core.ErrnoInfo, rest []sense) (notes []string) {
	for _, s := range rest {
		if s.errno != own {
			notes = append(notes, s.errno.Name+" ("+string(s.place)+")")
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return wrap(strconv.Itoa(n)+" is also ", commas(notes))
}
