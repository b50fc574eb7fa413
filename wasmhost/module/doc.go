// Package module reads a WebAssembly module in the binary format, core
// specification 2.0, and says in one sentence what is wrong with a file that
// is not one.
//
// [Decode] reads every section, checks every index against the module's own
// counts, and refuses what the host's engine lacks by the name of the feature.
// [Admit] also checks the instructions of function bodies, in full, and bounds
// what the engine's compiler would spend on them; [Reader] walks them. What
// the package allocates is in proportion to the bytes that are there, never to
// a count they claim, and it never panics, compiles or runs anything: files
// come from strangers.
//
// The names are the specification's: https://webassembly.github.io/spec/core/binary/
package module
