package plugins

import (
	"bytes"
	"embed"
	"maps"
	"slices"
	"strings"
)

// Default is the name of the plugin that is served when nobody names one.
const Default = "upper"

//go:embed bin/misbehave/*.wasm misbehave/*.wat
var files embed.FS

// A file of an [embed.FS] is copied when it is read, which for a handler in Go
// costs a tenth of a server's start. These are where they are in the program,
// and no page of them is in memory until it is looked at.
var (
	//go:embed bin/echo.wasm
	echo []byte
	//go:embed bin/notes-client.wasm
	notesClient []byte
	//go:embed bin/notes-server.wasm
	notesServer []byte
	//go:embed bin/upper.wasm
	upper []byte
	//go:embed bin/upper-go.wasm
	upperGo []byte
)

var bundle = map[string][]byte{
	"echo":         echo,
	"notes-client": notesClient,
	"notes-server": notesServer,
	"upper":        upper,
	"upper-go":     upperGo,
}

// Open returns the module of a bundled plugin by its name, such as upper or
// misbehave/loop, and whether there is one. The bytes are the caller's own.
func Open(name string) ([]byte, bool) {
	module, ok := View(name)
	return bytes.Clone(module), ok
}

// View is Open without a copy: the bytes are everybody's, and must not be
// changed.
func View(name string) ([]byte, bool) {
	if name == nestedName {
		return nested(), true
	}
	if module, ok := bundle[name]; ok {
		return module, true
	}
	module, err := files.ReadFile("bin/" + name + ".wasm")
	return module, err == nil
}

// Size returns how many bytes the module of a bundled plugin has, and whether
// there is one.
func Size(name string) (int, bool) {
	module, ok := View(name)
	return len(module), ok
}

// Names returns the names of the bundled plugins, sorted, without those that
// misbehave.
func Names() []string { return slices.Sorted(maps.Keys(bundle)) }

func namesIn(folder string) (names []string) {
	entries, _ := files.ReadDir(folder) // go:embed does not compile without it
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".wasm"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names) // upper-go.wasm comes before upper.wasm, upper before upper-go
	return names
}
