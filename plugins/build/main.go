// Command build makes the files this tree carries and does not write by hand:
// the compiled plugins of plugins/bin with their checksums, and the guest
// SDK's declarations of the host's functions.
//
//	go run ./plugins/build          make them all anew
//	go run ./plugins/build -check   make them elsewhere and compare, byte for byte
//
// It needs the Go toolchain and wabt's wat2wasm.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	check := flag.Bool("check", false, "change nothing; exit 1 where a file is not what its source makes")
	flag.Parse()
	if err := build(*check); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// build makes or checks everything. Nothing is written before all of it has
// been made; the declarations come first, since the plugins compile them.
func build(check bool) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	with, err := findTools(root)
	if err != nil {
		return err
	}
	settle := writeAll
	if check {
		settle = compareAll
		if with, err = checkGo(root, with); err != nil {
			return err
		}
	}
	stubs, err := stubFiles()
	if err != nil {
		return err
	}
	stubErr := settle(filepath.Join(root, stubFolder), stubs)
	if stubErr != nil && !check {
		return stubErr
	}
	compiled, err := compileAll(root)
	if err != nil {
		return err
	}
	compiled[sumsFile] = sums(with, compiled)
	return errors.Join(stubErr, settle(filepath.Join(root, binFolder), compiled))
}

// checkGo returns the recorded tools, and refuses to compare with what another
// version of Go makes. Versions of wat2wasm make the same bytes, as a rule.
func checkGo(root string, have tools) (tools, error) {
	recorded, err := recordedTools(root)
	if err == nil && recorded.golang != have.golang {
		err = fmt.Errorf("the plugins were built with %s and this is %s, which makes other bytes: check with %[1]s, or build them anew without -check",
			recorded.golang, have.golang)
	}
	return recorded, err
}

// compileAll builds every plugin in a folder of its own and returns the
// files' contents by name.
func compileAll(root string) (map[string][]byte, error) {
	folder, err := os.MkdirTemp("", "sandsock-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	compiled := make(map[string][]byte, len(bundled))
	for _, p := range bundled {
		name := p.name + ".wasm"
		out := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
			return nil, err
		}
		if err := compile(root, p, out); err != nil {
			return nil, err
		}
		if compiled[name], err = os.ReadFile(out); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "built %-25s %9d bytes\n", name, len(compiled[name]))
	}
	return compiled, nil
}

// writeAll writes each file of a folder whose content has changed.
func writeAll(folder string, files map[string][]byte) error {
	for _, name := range sortedNames(files) {
		path := filepath.Join(folder, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err := writeAtomically(path, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// writeAtomically replaces the file at once, so that nobody reads half of it.
func writeAtomically(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".build-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // nothing is there after the rename
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// compareAll returns an error that names each file of a folder which is not
// what was made.
func compareAll(folder string, files map[string][]byte) error {
	var differ []error
	for _, name := range sortedNames(files) {
		old, err := os.ReadFile(filepath.Join(folder, name))
		switch {
		case err != nil:
			differ = append(differ, err)
		case !bytes.Equal(old, files[name]):
			differ = append(differ, fmt.Errorf("%s is not what its source makes: run go run ./plugins/build", name))
		}
	}
	return errors.Join(differ...)
}

func sortedNames(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }
