package explain

import "strings"

// Kind says what a word is.
type Kind string

// The kinds, each a folder of pages but Number, whose pages are made when
// they are asked for.
const (
	Errno     Kind = "errno"
	Call      Kind = "call"
	Exception Kind = "exception"
	Word      Kind = "word"
	Number    Kind = "number"
)

// Page is what there is to say of a word.
type Page struct {
	Word string `json:"word"` // as it is written properly: ECONNREFUSED
	Kind Kind   `json:"kind"`
	Text string `json:"text"` // one screen of 80 columns, the last line says what to do next
}

// entry is a page as its file has it.
type entry struct {
	kind  Kind
	names []string          // what it can be asked by, its proper name first
	keys  map[string]string // python, returns, errors, c, windows
	parts []string          // paragraphs: what it is, then the rest
}

// parse returns the entries of a file.
func parse(kind Kind, file string) (entries []entry) {
	for _, text := range strings.Split("\n"+file, "\n== ")[1:] {
		entries = append(entries, parseEntry(kind, strings.TrimSpace(text)))
	}
	return entries
}

func parseEntry(kind Kind, text string) entry {
	title, text, _ := strings.Cut(text, "\n")
	e := entry{kind: kind, names: strings.Split(title, ", "), keys: map[string]string{}}
	for {
		line, rest, _ := strings.Cut(text, "\n")
		key, value, found := strings.Cut(line, ": ")
		if !found || !isKey[key] {
			break
		}
		if before := e.keys[key]; before != "" {
			value = before + " " + value
		}
		e.keys[key], text = value, rest
	}
	e.parts = strings.Split(text, "\n\n")
	return e
}

// isKey holds what may stand between a page's names and its text. A key that
// is given again goes on.
var isKey = map[string]bool{
	"python":  true, // how Python calls it
	"returns": true, // what that returns
	"errors":  true, // what it usually fails with
	"c":       true, // the call of C below it
	"windows": true, // the name there, where it is not WSA and the name
}

// list returns the items of a key, which commas part.
func (e entry) list(key string) []string {
	if e.keys[key] == "" {
		return nil
	}
	return strings.Split(e.keys[key], ", ")
}
