package module

import (
	"strings"
	"testing"
)

func TestAFileThatIsNoModuleIsNamed(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "is empty"},
		{"\x00as", "ends in the middle of its first 8 bytes, the WebAssembly header"},
		{header[:6], "ends in the middle of its first 8 bytes, the WebAssembly header"},
		{"\x00asm\x0d\x00\x01\x00", "is a WebAssembly component; this host runs core modules: build it for a target such as wasm32-wasip1"},
		{"\x00asm\x02\x00\x00\x00", "is WebAssembly of an unknown version; this host runs version 1 (at byte 0x4)"},
		{"(module)", "is WebAssembly text, not binary: build it with wat2wasm"},
		{"(; a (module) (; ;)\n;; and\n (module", "is WebAssembly text, not binary: build it with wat2wasm"},
		{"(component)", "is the text of a WebAssembly component; this host runs core modules, in binary"},
		{"<!DOCTYPE html><html>", "is a web page (HTML), not WebAssembly: did the download fail?"},
		{"\ufeff// The echo.\n\npackage main\n", "is Go source, not WebAssembly: build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"},
		{"/* echo */ #include <stdio.h>", "is C source, not WebAssembly: build it for WebAssembly"},
		{"404: Not Found", "is text, not WebAssembly"},
		{strings.Repeat("x", 1023) + "é", "is text, not WebAssembly"},
		{"// never ends", "is text, not WebAssembly"},
		{"#!/bin/sh\n", "is a script, not WebAssembly"},
		{"\x7fELF\x02\x01", "is a Linux program (ELF), not WebAssembly: build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"},
		{"\xcf\xfa\xed\xfe\x07", "is a macOS program (Mach-O), not WebAssembly: build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x02", "is a macOS program (Mach-O), not WebAssembly: build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x41", "is a Java class, not WebAssembly"},
		{"MZ\x90\x00", "is a Windows program (PE), not WebAssembly: build it with GOOS=wasip1 GOARCH=wasm, a handler with -buildmode=c-shared too"},
		{"!<arch>\n", "is an archive of object code, not a module: is its package main, and is it linked?"},
		{"\x1f\x8b\x08", "is compressed with gzip: unpack it first"},
		{"PK\x03\x04", "is a zip archive: unpack it first"},
		{"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not the file itself: run git lfs pull"},
		{strings.Repeat("\x00", 64), "starts with zeros, not with the WebAssembly header: was all of it written?"},
		{"\x89PNG\r\n\x1a\n", "starts with the bytes 89 50 4e 47, not with the WebAssembly header 00 61 73 6d"},
		{"\xff\xfe(\x00", "starts with the bytes ff fe 28 00, not with the WebAssembly header 00 61 73 6d"},
		{"\x80", "starts with the bytes 80, not with the WebAssembly header 00 61 73 6d"},
	} {
		m, err := Decode([]byte(c.file))
		if m != nil || err == nil || err.Error() != c.want {
			t.Errorf("%.20q\ngot  %v\nwant %s", c.file, err, c.want)
		}
	}
}

func TestTheHeaderAloneIsAModule(t *testing.T) {
	decode(t, []byte(header))
}
