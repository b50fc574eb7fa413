package explain

import "strings"

// Look returns the page of a word, and whether there is one. A word is a
// number (111, 61 on macOS, guest 14), a name, however written (econnrefused,
// socket.recv, recv()), or a line that Python printed.
func Look(word string) (Page, bool) {
	word = strings.TrimSpace(word)
	if e, ok := pages().find(word); ok {
		return e.page(nil), true
	}
	if n, place, ok := parseNumber(word); ok {
		return lookNumber(n, place)
	}
	if e, ok := pages().find(bare(word)); ok {
		return e.page(nil), true
	}
	return Page{}, false
}

// bare returns the name in conn.recv(1024), errno.EPIPE, or
// TimeoutError: timed out.
func bare(word string) string {
	for _, end := range []string{"(", ":"} {
		word, _, _ = strings.Cut(word, end)
	}
	return strings.TrimSpace(word[strings.LastIndexByte(word, '.')+1:])
}

// page returns the entry as it is shown, with notes before the last line.
func (e entry) page(notes []string) Page {
	return Page{Word: e.names[0], Kind: e.kind, Text: e.screen(notes)}
}
