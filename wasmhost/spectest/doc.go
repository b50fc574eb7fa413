// Package spectest runs the WebAssembly specification's own tests through what
// this host does with a module before the engine sees it: they are decoded and
// checked by package module, and run twice, as they are and rewritten by
// package meter, with the same results demanded. It has tests only.
//
// The engine's module has the tests' files, made of the specification's
// scripts by wast2json, whose manual describes them:
// https://github.com/WebAssembly/wabt/blob/main/docs/wast2json.md
package spectest
