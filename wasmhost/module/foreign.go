package module

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	buildGo   = "build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"
	unpack    = "unpack it first"
	buildWasm = "build it for WebAssembly"
)

// formats are files that people load by mistake, by their first bytes, and
// the next thing to try.
var formats = []struct{ start, reason string }{
	{"\x7fELF", "is a Linux program (ELF), not WebAssembly: " + buildGo},
	{"\xcf\xfa\xed\xfe", "is a macOS program (Mach-O), not WebAssembly: " + buildGo},
	{"\xce\xfa\xed\xfe", "is a macOS program (Mach-O), not WebAssembly: " + buildGo},
	{"\xca\xfe\xba\xbe\x00\x00\x00\x02", "is a macOS program (Mach-O), not WebAssembly: " + buildGo},
	{"\xca\xfe\xba\xbe", "is a Java class, not WebAssembly"},
	{"MZ", "is a Windows program (PE), not WebAssembly: " + buildGo},
	{"!<arch>\n", "is an archive of object code, not a module: is its package main, and is it linked?"},
	{"BC\xc0\xde", "is LLVM bitcode, not WebAssembly: link it with wasm-ld"},
	{"\x1f\x8b", "is compressed with gzip: " + unpack},
	{"PK\x03\x04", "is a zip archive: " + unpack},
	{"\x28\xb5\x2f\xfd", "is compressed with zstd: " + unpack},
	{"\xfd7zXZ\x00", "is compressed with xz: " + unpack},
	{"BZh", "is compressed with bzip2: " + unpack},
	{"#!", "is a script, not WebAssembly"},
	{"version https://git-lfs", "is a Git LFS pointer, not the file itself: run git lfs pull"},
	{"\x00\x00\x00\x00", "starts with zeros, not with the WebAssembly header: was all of it written?"},
}

// foreign says what a file is that does not start as WebAssembly does.
func foreign(file []byte) string {
	for _, f := range formats {
		if bytes.HasPrefix(file, []byte(f.start)) {
			return f.reason
		}
	}
	head := file[:min(len(file), 1024)]
	if text, ok := asText(head); ok {
		return foreignText(text)
	}
	return fmt.Sprintf("starts with the bytes % x, not with the WebAssembly header 00 61 73 6d", head[:min(len(head), 4)])
}

// asText returns the head of a file as text; not where it has control bytes
// or is not UTF-8. Its last character may be cut.
func asText(head []byte) (string, bool) {
	text := strings.TrimPrefix(string(head), "\ufeff")
	for i := max(0, len(text)-utf8.UTFMax+1); i < len(text); i++ {
		if !utf8.FullRuneInString(text[i:]) {
			text = text[:i]
		}
	}
	return text, utf8.ValidString(text) && !strings.ContainsFunc(text, isControl)
}

func isControl(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }

func foreignText(text string) string {
	code := firstCode(text)
	lower := strings.ToLower(code)
	switch {
	case strings.HasPrefix(code, "(module"):
		return "is WebAssembly text, not binary: build it with wat2wasm"
	case strings.HasPrefix(code, "(component"):
		return "is the text of a WebAssembly component; this host runs core modules, in binary"
	case strings.HasPrefix(lower, "<!doctype") || strings.HasPrefix(lower, "<html"):
		return "is a web page (HTML), not WebAssembly: did the download fail?"
	case strings.HasPrefix(code, "package "):
		return "is Go source, not WebAssembly: " + buildGo
	case strings.HasPrefix(code, "#include"):
		return "is C source, not WebAssembly: " + buildWasm
	}
	return "is text, not WebAssembly"
}

// comments are those of Go, C and the WebAssembly text format.
var comments = []struct{ start, end string }{{"//", "\n"}, {"/*", "*/"}, {";;", "\n"}, {"(;", ";)"}}

// firstCode skips blank lines and comments.
func firstCode(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f")
		rest := afterComment(text)
		if rest == text {
			return text
		}
		text = rest
	}
}

// afterComment cuts the comment that text starts with, if any.
func afterComment(text string) string {
	for _, c := range comments {
		if strings.HasPrefix(text, c.start) {
			_, text, _ = strings.Cut(text[len(c.start):], c.end)
			return text
		}
	}
	return text
}
