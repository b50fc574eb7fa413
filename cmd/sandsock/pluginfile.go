package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sandsock/sandsock/cmd/sandsock/follow"
	"github.com/sandsock/sandsock/core/nearest"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/codecache"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// maxPluginFile is the largest file that is read as a plugin, in bytes.
const maxPluginFile = 256 << 20

// readPlugin returns the bytes of a bundled plugin or of a file, which must not
// be changed. Its errors are failures, which name the bundled plugins of a kind.
func readPlugin(name string, kinds ...module.Kind) ([]byte, error) {
	if !isPath(name) {
		if file, ok := plugins.View(name); ok {
			return file, nil
		}
		if _, err := os.Lstat(name); err != nil {
			return nil, unknownPlugin(name, kinds...)
		}
	}
	file, _, err := follow.Read(name, maxPluginFile)
	if err != nil {
		return nil, &failure{
			code: exitRefused, text: printable(name) + ": " + systemText(err),
			next: "bundled plugins need no file: " + strings.Join(bundled(kinds...), ", "),
		}
	}
	return file, nil
}

// isBundled reports whether a name is a bundled plugin's.
func isBundled(name string) bool {
	_, ok := plugins.Size(name)
	return ok && !isPath(name)
}

// isPath reports whether a name is a file's even where a bundled plugin has
// the same.
func isPath(name string) bool {
	if attack, ok := strings.CutPrefix(name, plugins.Gallery); ok {
		name = attack
	}
	return strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) ||
		strings.HasSuffix(name, ".wasm")
}

func unknownPlugin(name string, kinds ...module.Kind) error {
	names := bundled(kinds...)
	if strings.HasPrefix(name, plugins.Gallery) {
		names = plugins.Misbehaving()
	}
	return &failure{
		code:   exitUsage,
		text:   "there is no bundled plugin " + printable(name) + nearest.Guess(name, names),
		detail: "bundled: " + strings.Join(names, ", "),
		next:   "a file of your own is named by its path, such as ./" + printable(name) + ".wasm",
	}
}

// systemText is the operating system's part of an error, without the call and
// the path that Go puts before it.
func systemText(err error) string { return codecache.Cause(err).Error() }

const lookAtBundled = "a plugin is a .wasm file; a bundled one to look at: sandsock inspect " + plugins.Default

// refused turns an error of loading a plugin into a failure.
func refused(name string, file []byte, err error) error {
	var load *wasmhost.LoadError
	if !errors.As(err, &load) {
		return err
	}
	f := &failure{code: exitRefused, text: printable(load.Name) + ": " + load.Reason}
	switch _, broken := module.Decode(file); {
	case broken != nil && strings.HasSuffix(name, ".toml"):
		f.next = "a configuration file is served with -f: sandsock serve -f " + printable(name)
	case broken != nil:
		f.next = lookAtBundled
	default:
		f.next = "what is in it: sandsock inspect " + printable(name)
	}
	return f
}

// bundled returns the names of the bundled plugins of some kinds, or of all.
func bundled(kinds ...module.Kind) (names []string) {
	if len(kinds) == 0 {
		return plugins.Names()
	}
	for _, name := range plugins.Names() {
		file, _ := plugins.View(name)
		if m, err := module.Decode(file); err == nil {
			if have, _ := m.Kind(); slices.Contains(kinds, have) {
				names = append(names, name)
			}
		}
	}
	return names
}
