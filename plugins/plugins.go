package plugins

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// Default is the name of the plugin that is served when nobody names one.
const Default = "upper"

//go:embed bin/*.wasm bin/misbehave/*.wasm misbehave/*.wat
var files embed.FS

// Open returns the module of a bundled plugin by its name, such as upper or
// misbehave/loop, and whether there is one. The bytes are the caller's own.
func Open(name string) ([]byte, bool) {
	if name == nestedName {
		return nested(), true
	}
	module, err := files.ReadFile("bin/" + name + ".wasm")
	return module, err == nil
}

// Size returns how many bytes the module of a bundled plugin has, and whether
// there is one, without reading it.
func Size(name string) (int, bool) {
	if name == nestedName {
		return len(nested()), true
	}
	info, err := fs.Stat(files, "bin/"+name+".wasm")
	if err != nil {
		return 0, false
	}
	return int(info.Size()), true
}

// Names returns the names of the bundled plugins, sorted, without those that
// misbehave.
func Names() []string { return namesIn("bin") }

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
