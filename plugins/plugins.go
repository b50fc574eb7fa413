package plugins

import (
	"embed"
	"slices"
	"strings"
)

// Default is the name of the plugin that is served when nobody names one.
const Default = "upper"

//go:embed bin/*.wasm
var files embed.FS

// Open returns the module of a bundled plugin by its name, such as upper, and
// whether there is one. The bytes are the caller's own.
func Open(name string) ([]byte, bool) {
	module, err := files.ReadFile("bin/" + name + ".wasm")
	return module, err == nil
}

// Names returns the names of the bundled plugins, sorted.
func Names() []string {
	entries, _ := files.ReadDir("bin") // go:embed does not compile without it
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".wasm")
	}
	slices.Sort(names) // upper-go.wasm comes before upper.wasm, upper before upper-go
	return names
}
