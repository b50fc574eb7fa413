package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// binFolder is where the compiled plugins are, with their checksums.
const (
	binFolder = "plugins/bin"
	sumsFile  = "SHA256SUMS"
)

const builtWith = "# built by go run ./plugins/build with "

// sums returns the text of SHA256SUMS for compiled plugins by file name. Its
// first line, a comment to sha256sum -c, names the tools.
func sums(with tools, files map[string][]byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s\n", builtWith, with)
	for _, name := range sortedNames(files) {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	return b.Bytes()
}

// recordedTools returns what the first line of SHA256SUMS names.
func recordedTools(root string) (tools, error) {
	text, err := os.ReadFile(filepath.Join(root, binFolder, sumsFile))
	if err != nil {
		return tools{}, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	named, ok := strings.CutPrefix(first, builtWith)
	golang, wat2wasm, both := strings.Cut(named, " and wat2wasm ")
	if !ok || !both {
		return tools{}, fmt.Errorf("%s/%s does not begin with the line that names the tools: run go run ./plugins/build", binFolder, sumsFile)
	}
	return tools{golang, wat2wasm}, nil
}
