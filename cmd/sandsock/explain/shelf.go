package explain

import (
	"embed"
	"io/fs"
	"strings"
	"sync"

	"github.com/sandsock/sandsock/core"
)

//go:embed pages
var files embed.FS

// kinds is the order pages stand in, and the names of their folders.
var kinds = []Kind{Errno, Call, Exception, Word}

// shelf is every page, and where each name is found.
type shelf struct {
	entries []entry
	names   []string       // every name, in the order of the pages
	at      map[string]int // by fold of the name
}

// pages reads the files on first use. They are part of the program, so
// reading them cannot fail.
var pages = sync.OnceValue(func() *shelf {
	s := &shelf{at: map[string]int{}}
	for _, kind := range kinds {
		paths, _ := fs.Glob(files, "pages/"+string(kind)+"/*.txt")
		for _, path := range paths {
			text, _ := files.ReadFile(path)
			for _, e := range parse(kind, string(text)) {
				s.add(e)
			}
		}
	}
	return s
})

func (s *shelf) add(e entry) {
	for _, name := range append(e.names, windowsNames(e)...) {
		if _, there := s.at[fold(name)]; !there {
			s.at[fold(name)] = len(s.entries)
			s.names = append(s.names, name)
		}
	}
	s.entries = append(s.entries, e)
}

func (s *shelf) find(name string) (entry, bool) {
	i, ok := s.at[fold(name)]
	if !ok {
		return entry{}, false
	}
	return s.entries[i], true
}

// fold makes names equal that differ in what nobody remembers: connect_ex and
// CONNECTEX, half-close and half close.
func fold(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
}

// windowsNames returns what Windows's own header calls an error:
// WSAECONNREFUSED.
func windowsNames(e entry) []string {
	if name := e.keys["windows"]; name != "" {
		return []string{name}
	}
	if info, ok := findErrno(e.names[0]); ok && info.Windows >= 10000 {
		return []string{"WSA" + info.Name}
	}
	return nil
}

func findErrno(name string) (core.ErrnoInfo, bool) {
	for _, info := range core.Errnos {
		if info.Name == name {
			return info, true
		}
	}
	return core.ErrnoInfo{}, false
}

// Words returns every word that has a page, numbers aside: errors, calls,
// exceptions, and then the rest.
func Words() []string { return append([]string(nil), pages().names...) }
