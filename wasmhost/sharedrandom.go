package wasmhost

import (
	"bytes"
	"fmt"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// What a plugin draws from the host's randomness before its snapshot is taken,
// every connection begins with. This file tells its author.

// runtimeSeed is how many bytes Go's runtime draws for itself when it begins,
// in every program.
const runtimeSeed = 32

// ownSeed is what the runtime of the plugin's language draws, whatever its
// author does.
func ownSeed(m *module.Module) int64 {
	// See "Producers Section" of the WebAssembly tool conventions: the field,
	// one value of it, and its name.
	producers, _ := m.Custom("producers")
	if bytes.Contains(producers.Data, []byte("\x08language\x01\x02Go")) {
		return runtimeSeed
	}
	return 0
}

// warnShared reports that what was drawn is in the snapshot.
func (r *Route) warnShared(v *version, drawn int64) {
	if drawn -= v.plugin.facts.Seed; drawn <= 0 {
		return
	}
	warning := v.report().as(EventWarning)
	warning.Error = fmt.Sprintf(
		"draws randomness before its first connection, %d bytes, and all connections share it: draw in handle what each is to have for itself (Go: guest.Rand)", drawn)
	r.report(warning)
}
