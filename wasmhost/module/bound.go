package module

// What a module may declare. Engines agree on most of these numbers, by the
// JavaScript API: https://webassembly.github.io/spec/js-api/#limits; those
// marked are lower. They bound what a decoded module takes; the cost of
// compiling it is bounded elsewhere, and more tightly.
const (
	maxTypes      = 1_000_000
	maxFunctions  = 1_000_000
	maxImports    = 1_000_000
	maxExports    = 1_000_000
	maxGlobals    = 1_000_000
	maxTables     = 100_000
	maxMems       = 100        // a second is refused with a better sentence
	maxDatas      = 100_000    // a Go program of 2.6 MB has 30,000; its linker stops here
	maxElems      = 100_000    // lower
	maxElements   = 1_000_000  // in all element segments together; lower
	maxTableSize  = 10_000_000 // entries a table starts with
	maxPages      = 65_536     // of 64 KiB: what 32-bit addresses reach
	maxParams     = 1_000
	maxResults    = 1_000
	maxLocals     = 50_000 // of one function, its parameters included
	maxLabels     = 65_520 // of one br_table
	maxCustoms    = 10_000 // lower
	maxNameLength = 100_000
)
