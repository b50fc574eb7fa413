package module

import (
	"encoding/binary"
	"strings"
)

// A module starts with a magic number and a version (modules, section
// "modules").
const (
	magic       = "\x00asm"
	headerSize  = len(magic) + 4
	coreVersion = 1
)

// checkHeader says of a file that is no core module what it is.
func checkHeader(file []byte) error {
	switch {
	case len(file) == 0:
		return &Error{Reason: "is empty"}
	case len(file) < headerSize && strings.HasPrefix(magic, string(file[:min(len(file), len(magic))])):
		return &Error{Reason: "ends in the middle of its first 8 bytes, the WebAssembly header"}
	case !strings.HasPrefix(string(file[:min(len(file), len(magic))]), magic):
		return &Error{Reason: foreign(file)}
	}
	return checkVersion(binary.LittleEndian.Uint16(file[4:]), binary.LittleEndian.Uint16(file[6:]))
}

// checkVersion splits what core modules call the version as components do, in
// which the upper half is the layer: 0 for core modules, 1 for components.
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
func checkVersion(version, layer uint16) error {
	switch {
	case layer == 1:
		return &Error{Reason: "is a WebAssembly component; this host runs core modules: " +
			"build it for a target such as wasm32-wasip1"}
	case layer != 0 || version != coreVersion:
		return &Error{Offset: len(magic), Reason: "is WebAssembly of an unknown version; this host runs version 1"}
	}
	return nil
}
