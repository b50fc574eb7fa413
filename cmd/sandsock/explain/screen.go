package explain

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sandsock/sandsock/core"
)

// columns is how wide a screen is.
const columns = 80

// screen returns the page as text: its title, what it is, what the tables
// know, the rest of the file, and notes before the last line.
func (e entry) screen(notes []string) string {
	lines := []string{e.title(), "", e.parts[0]}
	if facts := e.facts(); len(facts) > 0 {
		lines = slices.Concat(lines, []string{""}, facts)
	}
	for i, part := range e.parts[1:] {
		if i == len(e.parts)-2 && len(notes) > 0 {
			lines = slices.Concat(lines, []string{""}, notes)
		}
		lines = append(lines, "")
		label, text := e.label(part)
		if label != "" {
			lines = append(lines, label)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n") + "\n"
}

// label returns the line above a paragraph, empty for none, and the paragraph
// without its mark.
func (e entry) label(part string) (label, text string) {
	if system, found := strings.CutPrefix(part, "see: "); found {
		system, text, _ = strings.Cut(system, "\n")
		return "see it now, on " + system, text
	}
	switch {
	case strings.HasPrefix(part, "$ "):
		return "see it now", part
	case strings.HasPrefix(part, "- ") && e.kind == Errno:
		return "usual causes", part
	case strings.HasPrefix(part, "- "):
		return "worth knowing", part
	}
	return "", part
}

// title is the names, or what says more than they do.
func (e entry) title() string {
	names := strings.Join(e.names, ", ")
	if info, ok := findErrno(e.names[0]); ok {
		return names + ": " + info.Errno.Error()
	}
	if e.kind == Call {
		return e.keys["python"]
	}
	return names
}

// severalScreen is the page of a number that is not the same everywhere.
func severalScreen(n int, all []sense, errors []core.ErrnoInfo) string {
	number := strconv.Itoa(n)
	lines := []string{number + " is not the same error everywhere", ""}
	places, names := 0, 0
	for _, s := range all {
		places, names = max(places, width(string(s.place))), max(names, width(s.errno.Name))
	}
	for _, s := range all {
		lines = append(lines, "  "+pad(string(s.place), places)+"  "+pad(s.errno.Name, names)+"  "+s.errno.Errno.Error())
	}
	lines = append(lines, "", "the text beside the number tells which one it was", "")
	for i, e := range errors {
		begin := "next: "
		if i > 0 {
			begin = "  or: "
		}
		lines = append(lines, begin+"sandsock explain "+e.Name)
	}
	return strings.Join(lines, "\n") + "\n"
}

// fact returns a labelled row of words, on as many lines as they need.
func fact(label string, words ...string) []string {
	if len(words) == 0 {
		return nil
	}
	return wrap("  "+pad(label, 9), words)
}

// wrap returns a beginning and the words after it; the lines below are
// indented by its width.
func wrap(begin string, words []string) (lines []string) {
	line, indent := begin, strings.Repeat(" ", width(begin))
	for i, word := range words {
		if i > 0 && width(line)+1+width(word) > columns {
			lines, line = append(lines, line), indent
		} else if i > 0 {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// commas returns items with a comma after each but the last.
func commas(items []string) (words []string) {
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		words = append(words, item)
	}
	return words
}

func width(text string) int { return utf8.RuneCountInString(text) }

func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-width(text)))
}
