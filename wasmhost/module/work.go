package module

// work estimates what compiling a function costs the engine. Its compiler
// keeps, for every place where control flow meets, a list of the values that
// live there, and passes over lists and places more than once: so the time and
// the memory grow with places times values, and with the square of either.
//
// This is the bound for any file that the default [Bounds] admit, of compiling
// it with wazero v1.12.0 after package meter has rewritten it, with two workers:
// 30 seconds of one processor, 1.3 GB of memory, 160 MB of native code. The host
// itself, which reads, checks and rewrites the file, and then maps the native
// code, takes up to 200 MB for as long as that lasts.
//
// The worst known are 12 MB of loads and stores (20 s, 1.1 GB, 144 MB of code),
// of operands on the stack (13 s, 0.9 GB), of loads (14 s, 0.7 GB), 175,000
// calls of 32 results (12 s, 0.6 GB), and 5,000 blocks or 1,200 loops in one
// another (11 s). CPython takes 6 s and 0.3 GB. A unit is 0.4 microseconds in
// real programs, and from 0.02 to 0.9 in files made to be slow. The tests of
// cmd/sandsock compile all shapes that are known, as large as they are admitted.
type work struct {
	values int // locals and parameters
	height int // the most operands at once
	edges  int // ways that control flow takes, weighed
	moved  int // operands passed by calls, blocks and branches
	// accesses of memory, each of which is checked
	accesses int
	blocks   int
	calls    int
	labels   int // of br_tables
	bytes    int
}

// How the parts of the estimate weigh.
const (
	// edgesPerValue makes the square of the edges comparable: so many of
	// them cost every edge as much as one value does.
	edgesPerValue = 128
	// squarePerValue does the same for the square of the values.
	squarePerValue = 512
	bytesPerUnit   = 4 // of code without branches
	unitsPerAccess = 10
	unitsPerCall   = 6
	unitsPerMove   = 2
	unitsPerBody   = 4
)

// count takes an instruction into account. Weights are of what the compiler
// makes of it: memory.fill and table.fill become loops, what may trap without
// touching memory a branch.
func (w *work) count(in *Instr) {
	w.bytes += len(in.Raw)
	switch in.Op {
	case OpcodeBlock, OpcodeElse, OpcodeBr, OpcodeBrIf, OpcodeCallIndirect,
		OpcodeMemoryCopy, OpcodeMemoryInit, OpcodeTableCopy, OpcodeTableInit:
		w.edges++
	case OpcodeIf:
		w.edges += 2
	case OpcodeLoop, OpcodeMemoryFill, OpcodeTableFill:
		w.edges += 4
	case OpcodeBrTable:
		w.edges += len(in.Labels)
	default:
		switch {
		case in.Info.traps:
			w.edges++
		case in.Info.Immediate == MemargImmediate || in.Info.Immediate == MemargLaneImmediate:
			w.accesses++
		}
	}
}

// units is the estimate for the function.
func (w *work) units() int {
	values := w.values + w.height
	place := values + values*values/squarePerValue + w.edges/edgesPerValue
	return unitsPerBody + (w.edges+1)*place + w.moved*unitsPerMove +
		w.accesses*unitsPerAccess + w.calls*unitsPerCall + w.bytes/bytesPerUnit
}

// spend bounds the work of the body so far, and of all.
func (c *checker) spend() {
	units := c.work.units()
	if units > c.bounds.BodyWork {
		c.fail("is too costly to compile: an estimate of %d units, with %d branches among %d values; at most %d are allowed",
			units, c.work.edges, c.work.values+c.work.height, c.bounds.BodyWork)
	}
	if c.spent+units > c.bounds.Work {
		c.fail("makes the module too costly to compile: an estimate of %d units; at most %d are allowed",
			c.spent+units, c.bounds.Work)
	}
}

// finish adds the body's work to that of the others.
func (c *checker) finish() {
	c.spend()
	c.spent += c.work.units()
}
